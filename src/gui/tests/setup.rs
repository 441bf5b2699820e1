//! The first run: from an empty folder to a till that judges, by what is on the screen and before the camera.

use greenlit_core::trust::root_code;
use greenlit_files::demo::PUBLISHED;

use super::*;
use crate::cli::demo;

#[test]
fn a_till_is_set_up_page_by_page_with_the_root_held_up_to_its_camera() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    demo::make(&folder.path().join("demo")).unwrap();
    let published = folder.path().join("demo").join(PUBLISHED);
    let root = std::fs::read(published.join("root-1.cbor")).unwrap();
    let window = window(folder.path(), code(&root_code::to_code(&root).unwrap()));
    // Where passes are scanned, nobody is asked to trust anything.
    assert!(sees(&window, "An authority's root, not a pass"), "{:?}", labels(&window));
    window.begin_setup();
    assert!(sees(&window, "Язык · Тел · Language  1/5"));
    assert_eq!(too_small(&window), Vec::<String>::new());
    click(&window, "Русский");
    assert!(sees(&window, "Дальше"));
    click(&window, "English");
    click(&window, "Next");
    click(&window, "Hotel");
    click(&window, "Next");
    // Held up before the camera, it is asked about and not yet trusted.
    assert!(sees(&window, "Trust this authority?"), "{:?}", labels(&window));
    assert!(window.controller.borrow().trust().anchor().is_none());
    let groups = window.controller.borrow().listing().candidate.as_ref().unwrap().fingerprint.clone();
    assert!(groups.split(' ').all(|group| labels(&window).iter().any(|label| label == group)), "{groups}");
    click(&window, "No");
    assert!(sees(&window, "Trust this authority?"), "it is held up still");
    click(&window, "They match: trust it");
    assert!(sees(&window, "Next"), "{:?}", labels(&window));
    assert!(window.controller.borrow().trust().anchor().is_some());
    click(&window, "Next");
    assert!(sees(&window, "Choose folder"), "{:?}", labels(&window));
    window.with_settings(|controller| {
        controller.browse(Wanted::Publication);
        controller.open_entry(&published.display().to_string());
        controller.use_folder();
    });
    click(&window, "Next");
    assert!(sees(&window, "The camera reads codes."), "{:?}", labels(&window));
    click(&window, "Start checking");
    assert!(sees(&window, "An authority's root, not a pass"), "{:?}", labels(&window));
    assert!(!window.controller.borrow().is_new());
    assert_eq!(window.controller.borrow().presentation().place.sites[0].0, "hotel");
}

#[test]
fn a_root_that_is_none_is_told_and_nothing_is_lost() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let window = window(folder.path(), code("GLR1:0123456789ABC"));
    window.begin_setup();
    ["Next", "Next"].iter().for_each(|button| click(&window, button));
    assert!(sees(&window, "That couldn't be read."), "{:?}", labels(&window));
    assert!(sees(&window, "Whose passes are checked?  3/5"));
}
