//! What a program's definition does not say: where it keeps what, what it ends with.

/// A thing and what is to be known of it.
pub type Note = (&'static str, &'static str);

/// Sections of a program's page.
#[derive(Clone, Copy, Debug)]
pub struct Notes {
    /// Exit codes.
    pub exits: &'static [Note],
    /// Files and folders.
    pub files: &'static [Note],
    /// Environment variables.
    pub environment: &'static [Note],
}

pub(crate) const TILL: Notes = Notes {
    exits: &[
        ("0", "Success; for check: every pass is valid; for status and self-test: all is well."),
        (
            "1",
            "For check: a pass is not valid, or is from a practice authority; for status and self-test: the till needs \
               attention; for sync: a status list could not be updated.",
        ),
        (
            "2",
            "The command failed or was misused, with one line on standard error; for status: passes cannot be \
               checked; for self-test: a sample was judged wrongly.",
        ),
    ],
    files: &[
        ("/etc/greenlit/site.toml", "The site file, which overrides the till's own settings."),
        (
            "~/.local/share/greenlit",
            "The data folder: trust data, settings and figures, in a database. Nothing of any guest.",
        ),
        ("/var/lib/greenlit", "The data folder of the system services."),
    ],
    environment: &[
        ("GREENLIT_SITE_FILE", "Another site file; empty for none."),
        ("LC_ALL, LC_MESSAGES, LANG", "The language of messages: Russian, Bashkir or English."),
        ("HTTPS_PROXY, NO_PROXY", "The proxy to the source of trust data, where none is set."),
    ],
};

pub(crate) const ISSUER: Notes = Notes {
    exits: &[
        ("0", "Success."),
        ("1", "The command did its work, and something needs attention; each command's page says what."),
        ("2", "The command failed or was misused, with one line on standard error."),
    ],
    files: &[(
        "~/.local/share/greenlit-issuer",
        "The witness of what was signed, kept apart from the authority's folder so that an old copy of that is noticed.",
    )],
    environment: &[],
};
