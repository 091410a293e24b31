//! What a user types, and what relguard says to it: every block of `tests/cli/*.trycmd`.

#[test]
fn commands_say_what_is_written() {
    trycmd::TestCases::new()
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C")
        .env("GIT_CEILING_DIRECTORIES", "/")
        .case("tests/cli/*.trycmd");
}
