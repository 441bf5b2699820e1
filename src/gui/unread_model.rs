//! Why there is no answer, as the screens are told.

use greenlit_core::unread::Unread;
use greenlit_ui as ui;

use crate::gui::ui_models::not_a_pass;
use crate::session::view_model::notice;

pub(super) fn unread_model(unread: &Unread) -> ui::UnreadModel {
    let mut model = ui::UnreadModel { kind: kind(unread), ..ui::UnreadModel::default() };
    match unread {
        Unread::CapsLock { layout, keys } | Unread::SameKeys { layout, keys } => {
            model.layout = (*layout).into();
            [model.key, model.other_key] = keys.map(|key| visible(key).into());
        }
        Unread::LostKeys { layout, key } => (model.layout, model.key) = ((*layout).into(), visible(*key).into()),
        Unread::NotAPass(other) => {
            let (kind, host) = notice(other);
            (model.other, model.host) = (not_a_pass(kind), host.into());
        }
        _ => {}
    }
    model
}

fn kind(unread: &Unread) -> ui::UnreadKind {
    match unread {
        Unread::Again => ui::UnreadKind::Again,
        Unread::Half => ui::UnreadKind::Half,
        Unread::TooLong => ui::UnreadKind::TooLong,
        Unread::ControlKeys => ui::UnreadKind::ControlKeys,
        Unread::TwoAtOnce => ui::UnreadKind::TwoAtOnce,
        Unread::CapsLock { .. } => ui::UnreadKind::CapsLock,
        Unread::SameKeys { .. } => ui::UnreadKind::SameKeys,
        Unread::LostKeys { .. } => ui::UnreadKind::LostKeys,
        Unread::NotAPass(_) => ui::UnreadKind::NotAPass,
        Unread::NothingToPaste => ui::UnreadKind::NothingToPaste,
        Unread::NoCode => ui::UnreadKind::NoCode,
        Unread::NotAPicture => ui::UnreadKind::NotAPicture,
        Unread::PictureTooLarge => ui::UnreadKind::PictureTooLarge,
        Unread::PictureDamaged => ui::UnreadKind::PictureDamaged,
        Unread::FileUnreadable => ui::UnreadKind::FileUnreadable,
    }
}

/// A space cannot be seen.
fn visible(key: char) -> String {
    if key == ' ' { "␣".into() } else { key.into() }
}
