// SHA-256 through OpenSSL's libcrypto: plan ids and fingerprints.
#pragma once

#include <string>
#include <string_view>

namespace schemasync {

// 64 lower-case hexadecimal digits.
std::string sha256(std::string_view text);

}  // namespace schemasync
