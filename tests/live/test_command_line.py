"""The command line by itself: help, mistyped words, completion in real shells, the man page, and
`explain` with the page that is made of it, and the line of progress. No database but where a rule
has to come from a plan, or something to wait for."""

import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import harness
from harness import BINARY, ROOT


def run(*arguments, cwd="/", shell=None):
    done = subprocess.run([str(BINARY), *arguments], capture_output=True, text=True, check=False,
                          cwd=cwd, stdin=subprocess.DEVNULL)
    return harness.Result(["schemasync", *arguments], done.returncode, done.stdout, done.stderr)


class Help(harness.LiveTest):
    def test_the_bare_command_its_help_and_each_commands_help_exit_0(self):
        for arguments in [(), ("--help",), ("help",), ("-h",)]:
            with self.subTest(arguments=arguments):
                bare = self.assert_exit(run(*arguments), 0)
                self.assert_says(bare, "Usage: schemasync COMMAND", "  plan ", "  rollback ",
                                 stream="stdout")
        commands = re.findall(r"^  ([a-z]+)  ", run().stdout.split("Options")[0], re.M)
        self.assertIn("apply", commands)
        for command in commands:
            with self.subTest(command=command):
                help_text = self.assert_exit(run(command, "--help"), 0)
                self.assertEqual(help_text.stdout, run("help", command).stdout)
                self.assert_says(help_text, f"Usage: schemasync {command}", "Examples",
                                 "Options of all commands", stream="stdout")

    def test_what_is_mistyped_is_answered_with_the_nearest(self):
        for arguments, *said in [
                (("plann",), 'there is no command "plann"', "did you mean plan?"),
                (("help", "aply"), "did you mean apply?"),
                (("apply", "--allwo", "high"), "no option --allwo", "did you mean --allow?"),
                (("plan", "--format", "josn"), "did you mean json?"),
                (("plan", "--steps", "1"), "--steps belongs to rollback"),
                (("explain", "colum.drop"), 'did you mean "column.drop"?'),
                (("server", "stopp"), "did you mean stop?"),
                (("rollback", "--steps", "many"), "--steps"),
                (("plan", "--url", ""), "--url is empty"),
                (("plan", "--down"), "--format sql"),
                (("diff", "a"), "diff needs A and B, and B is missing"),
                (("--quiet",), "which command?")]:
            with self.subTest(arguments=arguments):
                self.assert_says(self.assert_exit(run(*arguments), 1), *said, stream="stderr")

    def test_an_env_that_is_not_there_is_answered_with_the_nearest(self):
        project = self.project("postgresql://nobody@localhost:1/none", models=None)
        project.append("schemasync.toml", '\n[env.prod]\nurl = "postgresql://localhost:1/x"\n')
        result = self.assert_exit(project.run("plan", "--env", "prdo"), 1)
        self.assert_says(result, 'did you mean "prod"?', stream="stderr")


class FullDisk(harness.LiveTest):
    def test_a_result_that_is_lost_is_an_error(self):
        db = self.database(harness.EXPENSE_TRACKER)
        project = self.project(db)
        for arguments in [("--help",), ("--version",), ("help", "plan"), ("explain",),
                          ("explain", "--format", "json"), ("completion", "bash"), ("check",),
                          ("plan",), ("plan", "--format", "json"), ("plan", "--exit-code"),
                          ("diff", "dev", "schemas"), ("status",), ("history",),
                          ("history", "--format", "json")]:
            with self.subTest(arguments=arguments), open("/dev/full", "w") as full:
                done = subprocess.run([str(BINARY), *arguments], stdout=full, text=True,
                                      stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                      cwd=project.path, check=False)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("standard output", done.stderr)

    def test_what_was_done_stays_done_and_other_errors_are_said_alone(self):
        db = self.database()
        project = self.project(db, models=None)
        project.write("schemas/note.toml", '[table.note.columns]\nid = "integer"\n')
        for arguments, lost in [(("apply", "--yes"), True), (("explain", "no.rule"), False)]:
            with self.subTest(arguments=arguments), open("/dev/full", "w") as full:
                done = subprocess.run([str(BINARY), *arguments], stdout=full, text=True,
                                      stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                      cwd=project.path, check=False)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertEqual("standard output" in done.stderr, lost, done.stderr)
        self.assertEqual(db.value("SELECT to_regclass('note') IS NOT NULL"), "t")


class Explain(harness.LiveTest):
    def test_all_rules_are_listed_the_riskiest_first(self):
        rules = self.assert_exit(run("explain"), 0)
        levels = re.findall(r"^(HIGH|MEDIUM|LOW) +[a-z_.]+ +\S", rules.stdout, re.M)
        self.assertEqual(levels, sorted(levels, key=["HIGH", "MEDIUM", "LOW"].index))
        self.assertEqual(len(levels), len(harness.explained_rules()))

    def test_one_rule_is_one_screen_with_its_object_behind_too(self):
        rule = self.assert_exit(run("explain", "column.drop"), 0)
        self.assert_says(rule, "column.drop  Drop a column", "MEDIUM at least", "Why ", "Lock ",
                         "ACCESS EXCLUSIVE", "Safer ", "Two releases", "Undo ")
        self.assertLessEqual(max(map(len, rule.stdout.splitlines())), 100)
        self.assertLessEqual(len(rule.stdout.splitlines()), 40)
        self.assertEqual(run("explain", "column.drop:debitcard.daily_limit").stdout, rule.stdout)

    def test_the_page_is_what_is_printed(self):
        page = (ROOT / "docs" / "risks.md").read_text(encoding="utf-8")
        self.assertEqual(page, run("explain", "--format", "markdown").stdout,
                         "schemasync explain --format markdown > docs/risks.md")

    def test_a_plan_names_the_rule_to_ask_for(self):
        db = self.database(template=harness.EXPENSE_TRACKER)
        project = self.project(db)
        project.edit("schemas/debitcard.toml", 'daily_limit        = "double precision?"\n', "")
        plan = self.assert_exit(project.run("plan"), 0)
        self.assert_says(plan, "schemasync explain column.drop", "the risk and the safer way")

    def test_allow_knows_the_rules_and_the_objects_of_the_plan(self):
        db = self.database(template=harness.EXPENSE_TRACKER)
        project = self.project(db)
        project.edit("schemas/debitcard.toml", 'daily_limit        = "double precision?"\n', "")
        for word, *said in [
                ("column.dorp", 'did you mean "column.drop"?'),
                ("column.drop:debitcard.limit", "on no object of this plan",
                 "it has column.drop:debitcard.daily_limit"),
                ("table.drop:debitcard", "this plan has no table.drop")]:
            with self.subTest(word=word):
                result = self.assert_exit(project.run("apply", "--yes", "--allow", word), 1)
                self.assert_says(result, *said, stream="stderr")
        self.assertEqual(db.value("SELECT to_regclass('schemasync.migration') IS NULL"), "t")
        allowed = ("apply", "--yes", "--allow", "column.drop:debitcard.daily_limit")
        self.assert_exit(project.run(*allowed), 0)
        self.assert_exit(project.run(*allowed), 0)  # again: nothing to do


DRIVE_BASH = """
source <("$1" completion bash)
complete -p schemasync
shift_line() {
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  _schemasync "$BINARY"
  printf '%s\\n' "${COMPREPLY[@]}"
}
BINARY=$1
shift
shift_line "$@"
"""


# Types $1 and a tab at a prompt, and waits until the line reads $2.
DRIVE_ZSH = """
zmodload zsh/zpty
zpty line zsh -f -i
zpty -w line "PROMPT='> '; stty columns 200; autoload -U compinit; compinit -u -D"
zpty -w line "source <(schemasync completion zsh); print RE''ADY"
zpty -r line out '*READY*' || exit 1
zpty -w -n line "$1"$'\\t'
zpty -r line out "*$2*"
"""


class ProgressLine(harness.LiveTest):
    """On a terminal, what a command that takes longer than a second is at."""

    def while_held(self, db, relation, *arguments):
        """`arguments` on a terminal while another session holds the relation for two seconds."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            holder = pool.submit(db.psql, f"BEGIN; LOCK TABLE {relation}; SELECT pg_sleep(2); COMMIT")
            held = f"SELECT count(*) FROM pg_locks WHERE relation = '{relation}'::regclass AND granted"
            while db.value(held) == "0" and not holder.done():
                time.sleep(0.02)
            done = self.models.type(*arguments)
            holder.result()
        return self.assert_exit(done, 0)

    def test_status_and_diff_say_what_they_are_at(self):
        db = self.database()
        db.psql("CREATE TABLE t (id integer PRIMARY KEY)")
        self.models = self.project(db, models=None)
        self.assert_exit(self.models.run("pull", "--yes"), 0)
        self.assert_exit(self.models.run("apply", "--yes"), 0)
        done = self.while_held(db, "schemasync.migration", "status")
        self.assert_says(done, "reading the journal  1 s", "applied")
        done = self.while_held(db, "pg_catalog.pg_policy", "status")
        self.assert_says(done, "reading the catalog  1 s", "applied")
        done = self.while_held(db, "pg_catalog.pg_policy", "diff", "schemas", "dev")
        self.assert_says(done, "reading the catalog of ", "  1 s")

    def test_what_is_quick_or_asked_to_be_quiet_shows_none(self):
        db = self.database()
        self.models = self.project(db, models=None)
        self.assert_says_not(self.models.type("diff", "dev", "dev"), "reading")
        db.psql("CREATE TABLE t (id integer PRIMARY KEY)")
        done = self.while_held(db, "pg_catalog.pg_policy", "--quiet", "diff", "dev", "dev")
        self.assert_says_not(done, "reading")


class Completion(harness.LiveTest):
    def bash(self, *words, cwd="/"):
        done = subprocess.run(["bash", "-c", DRIVE_BASH, "bash", str(BINARY), "schemasync", *words],
                              capture_output=True, text=True, check=True, cwd=cwd)
        self.assertEqual(done.stderr, "")
        first, *found = done.stdout.splitlines()
        self.assertEqual(first, "complete -F _schemasync schemasync")
        return found

    def test_bash_completes_commands_options_and_values(self):
        self.assertIn("rollback", self.bash("ro"))
        self.assertEqual(self.bash("plan", "--exi"), ["--exit-code"])
        self.assertEqual(self.bash("plan", "--format", "js"), ["json"])
        self.assertEqual(self.bash("plan", "--format", "=", "js"), ["json"])
        self.assertEqual(self.bash("--env", "prod", "ro"), ["rollback"])
        self.assertEqual(self.bash("server", "st"), ["start", "stop"])
        self.assertEqual(self.bash("explain", "column.dr"), ["column.drop"])
        self.assertIn("data-loss", self.bash("apply", "--allow", "d"))
        self.assertEqual(self.bash("help", "chec"), ["check"])
        self.assertEqual(self.bash("completion", "z"), ["zsh"])
        self.assertNotIn("--words", self.bash("completion", "--"))

    def test_bash_completes_the_envs_of_the_project(self):
        project = self.project("postgresql://localhost:1/x", models=None)
        project.append("schemasync.toml", '\n[env.staging]\nurl = "postgresql://localhost:1/y"\n')
        self.assertEqual(self.bash("plan", "--env", "", cwd=project.path), ["dev", "staging"])
        self.assertEqual(self.bash("plan", "--env", "st", cwd=project.path), ["staging"])

    def script(self, shell):
        return self.assert_exit(run("completion", shell), 0).stdout

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
    def test_zsh_loads_its_script(self):
        done = subprocess.run(
            ["zsh", "-f", "-c", "autoload -U compinit; compinit -u -D; source /dev/stdin; "
                                "print $_comps[schemasync]; whence -w _schemasync"],
            input=self.script("zsh"), capture_output=True, text=True, check=True, cwd="/")
        self.assertEqual((done.stdout, done.stderr), ("_schemasync\n_schemasync: function\n", ""))

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
    def test_zsh_completes_at_a_prompt(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "schemasync").symlink_to(BINARY)
            for typed, found in [("schemasync plan --format js", "json"),
                                 ("schemasync ro", "rollback"),
                                 ("schemasync explain column.dr", "column.drop"),
                                 ("schemasync --quiet server sto", "stop")]:
                with self.subTest(typed=typed):
                    done = subprocess.run(["zsh", "-f", "-c", DRIVE_ZSH, "zsh", typed,
                                           typed.rsplit(" ", 1)[0] + " " + found],
                                          env={"PATH": f"{folder}:/usr/bin:/bin", "TERM": "dumb",
                                               "HOME": folder},
                                          capture_output=True, text=True, timeout=120,
                                          check=False, cwd="/")
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless(shutil.which("fish"), "there is no fish")
    def test_fish_completes_by_its_script(self):
        with tempfile.NamedTemporaryFile("w", suffix=".fish", encoding="utf-8") as script:
            script.write(self.script("fish"))
            script.flush()
            done = subprocess.run(
                ["fish", "--no-config", "-c",
                 f"source {script.name}; complete -C'schemasync plan --format '; "
                 "complete -C'schemasync ro'"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, cwd="/")
        words = [line.split("\t")[0] for line in done.stdout.splitlines()]
        for word in ("json", "sql", "text", "rollback"):
            self.assertIn(word, words)
        self.assertEqual(done.stderr, "")

    def test_every_script_names_its_shell(self):
        self.assertIn("complete -F _schemasync schemasync", self.script("bash"))
        self.assertTrue(self.script("zsh").startswith("#compdef schemasync\n"))
        self.assertIn("complete -c schemasync", self.script("fish"))
        self.assert_exit(run("completion"), 1)


class ManPage(harness.LiveTest):
    def test_it_says_what_the_binary_knows(self):
        page = self.assert_exit(run("--man-page"), 0).stdout
        for part in ("NAME", "COMMANDS", "EXIT STATUS", "FILES", "ENVIRONMENT", "EXAMPLES"):
            self.assertIn(f".SH {part}\n", page)
        self.assertIn(".SS rollback\n", page)

    @unittest.skipUnless(shutil.which("groff"), "there is no groff")
    def test_groff_renders_it_without_a_warning(self):
        page = self.assert_exit(run("--man-page"), 0).stdout
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page,
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")

    @unittest.skipUnless(shutil.which("mandoc"), "there is no mandoc")
    def test_mandoc_finds_no_error(self):
        page = self.assert_exit(run("--man-page"), 0).stdout
        done = subprocess.run(["mandoc", "-Tlint", "-Werror"], input=page, capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    @unittest.skipUnless(pathlib.Path(BINARY.parent, "schemasync.1").exists(), "not built by meson")
    def test_the_build_makes_it(self):
        built = pathlib.Path(BINARY.parent, "schemasync.1").read_text(encoding="utf-8")
        self.assertEqual(built, run("--man-page").stdout)


if __name__ == "__main__":
    harness.main()
