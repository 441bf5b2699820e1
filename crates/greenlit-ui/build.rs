//! Compiles the window's screens. Slint's compiler names every file that it read, so that a change of one builds
//! anew.

fn main() {
    let config = slint_build::CompilerConfiguration::new()
        .with_style("fluent-dark".into())
        // The tests find what is on the screen by it.
        .with_debug_info(true)
        .with_bundled_translations("../../assets/translations")
        // The same English text means the same thing wherever it stands.
        .with_default_translation_context(slint_build::DefaultTranslationContext::None);
    if let Err(error) = slint_build::compile_with_config("../../ui/app.slint", config) {
        println!("cargo::error=the window's screens do not compile: {error}");
    }
}
