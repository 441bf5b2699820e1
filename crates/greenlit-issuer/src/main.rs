//! `greenlit-issuer`: the authority.

fn main() -> std::process::ExitCode {
    greenlit_issuer::cli::main()
}
