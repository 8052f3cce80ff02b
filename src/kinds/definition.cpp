// Definitions: an object as compact JSON with sorted keys, from the fields that each kind names
// once, and back. The only file of this folder that knows the JSON library.
#include <nlohmann/json.hpp>

#include "kinds/schema_of.hpp"

namespace schemasync {
namespace {

using Json = nlohmann::json;

// ---- values to JSON --------------------------------------------------------------------------

Json encode(bool value) { return value; }
Json encode(std::int64_t value) { return value; }
Json encode(const std::string& value) { return value; }
Json encode(const Symbol& value) { return value.str(); }
Json encode(const SqlText& value) { return value.spelling().str(); }
Json encode(const ObjectId& value) { return value.to_text(); }
Json encode(Deferrable value) { return static_cast<int>(value); }
template <class T>
Json encode(const std::optional<T>& value);
template <class T>
Json encode(const std::vector<T>& values);
template <class T>
requires requires { T::fields(); }
Json encode(const T& object) {
  Json out = Json::object();
  std::apply(
      [&](const auto&... field) {
        ((out[std::string(field.name)] = encode(object.*field.member)), ...);
      },
      T::fields());
  return out;
}
template <class T>
Json encode(const std::optional<T>& value) {
  return value ? encode(*value) : Json(nullptr);
}
template <class T>
Json encode(const std::vector<T>& values) {
  Json out = Json::array();
  for (const T& value : values) out.push_back(encode(value));
  return out;
}

// ---- and back --------------------------------------------------------------------------------

void decode(const Json& json, bool& value) { value = json.get<bool>(); }
void decode(const Json& json, std::int64_t& value) { value = json.get<std::int64_t>(); }
void decode(const Json& json, std::string& value) { value = json.get<std::string>(); }
void decode(const Json& json, Symbol& value) { value = json.get<std::string>(); }
void decode(const Json& json, SqlText& value) {
  value = SqlText::of_catalog(json.get<std::string>());
}
void decode(const Json& json, ObjectId& value) {
  value = ObjectId::from_text(json.get<std::string>());
}
void decode(const Json& json, Deferrable& value) {
  value = static_cast<Deferrable>(json.get<int>());
}
template <class T>
void decode(const Json& json, std::optional<T>& value);
template <class T>
void decode(const Json& json, std::vector<T>& values);
template <class T>
requires requires { T::fields(); }
void decode(const Json& json, T& object) {
  std::apply(
      [&](const auto&... field) {
        ((json.contains(std::string(field.name))
              ? decode(json[std::string(field.name)], object.*field.member)
              : void()),
         ...);
      },
      T::fields());
}
template <class T>
void decode(const Json& json, std::optional<T>& value) {
  value.reset();
  if (json.is_null()) return;
  decode(json, value.emplace());
}
template <class T>
void decode(const Json& json, std::vector<T>& values) {
  values.clear();
  for (const Json& one : json) decode(one, values.emplace_back());
}

template <class K>
std::string defined(const K& object) {
  Json out = encode(object);
  if (object.aspects.comment) out["comment"] = *object.aspects.comment;
  if (object.aspects.owner) out["owner"] = *object.aspects.owner;
  if (object.aspects.grants && !object.aspects.grants->empty())
    out["grants"] = encode(*object.aspects.grants);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Definitions definitions_of(const Schema& schema) {
  Definitions all;
  for_each_kind([&]<class K>() {
    for (const auto& [id, object] : schema.all<K>()) all.emplace(id, defined(object));
  });
  return all;
}

std::string definition_of(const Schema& schema, const ObjectId& id) {
  std::string text;
  for_each_kind([&]<class K>() {
    if (id.kind != K::kind) return;
    if (const K* object = schema.find<K>(id)) text = defined(*object);
  });
  return text;
}

Schema schema_from(const Definitions& definitions) {
  Schema schema;
  for (const auto& [id, text] : definitions)
    for_each_kind([&, &key = id, &body = text]<class K>() {
      if (key.kind != K::kind) return;
      const Json json = Json::parse(body);
      K object;
      object.id = key;
      decode(json, object);
      if (json.contains("comment")) object.aspects.comment = json["comment"].get<std::string>();
      if (json.contains("owner")) object.aspects.owner = json["owner"].get<std::string>();
      if (json.contains("grants")) decode(json["grants"], object.aspects.grants.emplace());
      schema.add(std::move(object));
    });
  return schema;
}

}  // namespace schemasync
