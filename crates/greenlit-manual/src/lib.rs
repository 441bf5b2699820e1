//! Man pages and shell completions, made of the command definitions that the programs themselves parse by.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use clap::Command;
use clap_complete::Shell;

mod notes;
mod page;

pub use notes::{Note, Notes};

/// A program and what its definition does not say.
#[derive(Debug)]
pub struct Program {
    command: Command,
    notes: Notes,
}

/// Those of Greenlit.
pub fn programs() -> [Program; 2] {
    [
        Program { command: greenlit::cli::command(), notes: notes::TILL },
        Program { command: greenlit_issuer::cli::command(), notes: notes::ISSUER },
    ]
}

impl Program {
    /// What it is called.
    pub fn name(&self) -> &str {
        self.command.get_name()
    }

    /// Writes `man/NAME.1` with a page for each command, such as `man/greenlit-check.1`, and `completions/` for bash,
    /// zsh and fish, each under the name that its shell looks for.
    ///
    /// # Errors
    /// A folder or file that cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let (man, completions) = (folder.join("man"), folder.join("completions"));
        fs::create_dir_all(&man)?;
        fs::create_dir_all(&completions)?;
        for page in page::pages(&self.command, &self.notes) {
            let mut file = BufWriter::new(File::create(man.join(page.file_name()))?);
            page.write(&mut file)?;
            file.flush()?;
        }
        let name = self.name().to_owned();
        for (shell, file) in
            [(Shell::Bash, name.clone()), (Shell::Zsh, format!("_{name}")), (Shell::Fish, format!("{name}.fish"))]
        {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut self.command.clone(), &name, &mut script);
            fs::write(completions.join(file), script)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All commands below this one, as a page is called.
    fn names(command: &Command, above: &str, all: &mut Vec<String>) {
        let name =
            if above.is_empty() { command.get_name().to_owned() } else { format!("{above}-{}", command.get_name()) };
        command.get_subcommands().for_each(|sub| names(sub, &name, all));
        all.push(name);
    }

    #[test]
    fn each_command_has_a_page_that_names_its_options_and_a_place_in_each_completion() {
        let folder = tempfile::tempdir().unwrap();
        for program in programs() {
            program.write(folder.path()).unwrap();
            let mut all = Vec::new();
            names(&program.command, "", &mut all);
            assert!(all.len() > 10, "{all:?}");
            for name in all {
                let page = fs::read_to_string(folder.path().join(format!("man/{name}.1"))).unwrap();
                assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{name}");
                let sub = name.split('-').next_back().unwrap();
                for script in
                    [program.name().to_owned(), format!("_{}", program.name()), format!("{}.fish", program.name())]
                {
                    let script = fs::read_to_string(folder.path().join("completions").join(script)).unwrap();
                    assert!(script.contains(sub), "{name}");
                }
            }
        }
        let check = fs::read_to_string(folder.path().join("man/greenlit-check.1")).unwrap();
        for told in ["\\-\\-last\\-night", "\\-\\-data", "greenlit(1)"] {
            assert!(check.contains(told), "{told} in {check}");
        }
        let till = fs::read_to_string(folder.path().join("man/greenlit.1")).unwrap();
        for told in [".SH FILES", "/etc/greenlit/site.toml", ".SH \"EXIT STATUS\"", "greenlit\\-check(1)"] {
            assert!(till.contains(told), "{told} in {till}");
        }
    }
}
