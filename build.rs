//! Tells the program when it was built, the first floor of a till's clock, and compiles the window's screens.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 60 * 60;

fn main() {
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo:rerun-if-changed=Cargo.lock");
    println!("cargo:rerun-if-changed=src");
    // Reproducible builds name the time themselves. The day's beginning serves: a till set up on the
    // day of the build, in any time zone, is not told that its clock is behind.
    let named = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse::<u64>().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let built = named.unwrap_or(now / DAY * DAY);
    println!("cargo:rustc-env=GREENLIT_BUILD_DATE={built}");
    screens();
}

/// Slint's compiler names every file that it read, so that a change of one builds anew.
fn screens() {
    let config = slint_build::CompilerConfiguration::new()
        .with_style("fluent-dark".into())
        // The tests find what is on the screen by it.
        .with_debug_info(true)
        .with_bundled_translations("assets/translations")
        // The same English text means the same thing wherever it stands.
        .with_default_translation_context(slint_build::DefaultTranslationContext::None);
    if let Err(error) = slint_build::compile_with_config("ui/app.slint", config) {
        println!("cargo::error=the window's screens do not compile: {error}");
    }
}
