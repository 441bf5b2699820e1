//! A man page.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;
use roff::{Roff, bold, roman};

use crate::notes::{Note, Notes};

/// The page of one command.
pub(crate) struct Page {
    command: Command,
    man: Man,
    /// The program's own page tells its notes as well.
    notes: Option<Notes>,
    see_also: Vec<String>,
}

/// Of a program and all its commands.
pub(crate) fn pages(program: &Command, notes: &Notes) -> Vec<Page> {
    // A page on `help` in each would tell nothing.
    let mut program = program.clone().disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    collect(&program, None, Some(*notes), &mut pages);
    pages
}

fn collect(command: &Command, above: Option<&str>, notes: Option<Notes>, pages: &mut Vec<Page>) {
    let below: Vec<&Command> = command.get_subcommands().filter(|sub| !sub.is_hide_set()).collect();
    let see_also =
        above.into_iter().chain(below.iter().map(|sub| name(sub))).map(|name| format!("{name}(1)")).collect();
    let man = Man::new(command.clone()).manual("Greenlit").source(concat!("Greenlit ", env!("CARGO_PKG_VERSION")));
    pages.push(Page { command: command.clone(), man, notes, see_also });
    below.into_iter().for_each(|sub| collect(sub, Some(name(command)), None, pages));
}

/// As its page is called: `greenlit-trust-add`.
fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

impl Page {
    pub(crate) fn file_name(&self) -> String {
        format!("{}.1", name(&self.command))
    }

    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        self.man.render_title(out)?;
        self.man.render_name_section(out)?;
        self.man.render_synopsis_section(out)?;
        self.man.render_description_section(out)?;
        self.man.render_options_section(out)?;
        if self.command.has_subcommands() {
            self.man.render_subcommands_section(out)?;
        }
        let mut rest = Roff::new();
        if let Some(notes) = &self.notes {
            section(&mut rest, "EXIT STATUS", notes.exits);
            section(&mut rest, "FILES", notes.files);
            section(&mut rest, "ENVIRONMENT", notes.environment);
        }
        if !self.see_also.is_empty() {
            rest.control("SH", ["SEE ALSO"]).text([roman(self.see_also.join(", "))]);
        }
        rest.to_writer(out)
    }
}

fn section(roff: &mut Roff, heading: &str, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    roff.control("SH", [heading]);
    for (what, meaning) in notes {
        roff.control("TP", []).text([bold(*what)]).text([roman(*meaning)]);
    }
}
