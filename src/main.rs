//! `greenlit`: the till.

fn main() -> std::process::ExitCode {
    greenlit::cli::main()
}
