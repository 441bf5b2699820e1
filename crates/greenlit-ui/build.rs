//! Compiles the window's screens: as they ship, or as the tests look at them.

use std::collections::HashMap;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let top = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or("not run by cargo")?).join("../..");
    let (screens, probe) =
        if cfg!(feature = "probes") { ("ui/probed.slint", "ui/probe/on") } else { ("ui/app.slint", "ui/probe/off") };
    let config = slint_build::CompilerConfiguration::new()
        .with_style("fluent-dark".into())
        .with_debug_info(cfg!(feature = "probes"))
        .with_library_paths(HashMap::from([("probe".into(), top.join(probe))]))
        .with_bundled_translations(top.join("assets/translations"))
        // The same English text means the same thing wherever it stands.
        .with_default_translation_context(slint_build::DefaultTranslationContext::None);
    // This names every file that it read, so that a change of one builds anew.
    Ok(slint_build::compile_with_config(top.join(screens), config)?)
}
