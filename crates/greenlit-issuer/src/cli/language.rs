//! The language of what a command draws.

use clap::ValueEnum;
use greenlit_words::Language;

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum LanguageArg {
    Ru,
    Ba,
    En,
}

impl From<LanguageArg> for Language {
    fn from(word: LanguageArg) -> Self {
        match word {
            LanguageArg::Ru => Self::Ru,
            LanguageArg::Ba => Self::Ba,
            LanguageArg::En => Self::En,
        }
    }
}
