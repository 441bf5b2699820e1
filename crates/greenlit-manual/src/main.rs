//! `greenlit-manual FOLDER` writes the man pages and shell completions of both programs, a folder for each.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(folder), None) = (arguments.next().map(PathBuf::from), arguments.next()) else {
        return fail("usage: greenlit-manual FOLDER");
    };
    for program in greenlit_manual::programs() {
        if let Err(error) = program.write(&folder.join(program.name())) {
            return fail(&format!("{}: {error}", folder.display()));
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "a tool of the build")]
fn fail(line: &str) -> ExitCode {
    eprintln!("greenlit-manual: {line}");
    ExitCode::from(2)
}
