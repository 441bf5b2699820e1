//! Training: examples that the verifier judges as it judges passes, and what staff would do about each.

use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use slint::ComponentHandle;

use greenlit_ui::{self as ui, TrainingBridge};

use crate::gui::{Overlay, UiBindings, Window};
use crate::self_test;
use crate::session::view_model::{AnswerView, Page};

/// The examples in this run's order, and how far staff have come.
#[derive(Debug, Default)]
pub(crate) struct Training {
    examples: RefCell<Vec<AnswerView>>,
    at: Cell<usize>,
    chosen: Cell<Option<ui::AnswerKind>>,
    right: Cell<usize>,
}

impl Training {
    /// From the first one, in another order each time.
    fn begin(&self, language: &str) {
        let mut examples = self_test::examples(language);
        let order = RandomState::new();
        examples.sort_by_cached_key(|example| order.hash_one(example.code.to_owned() + &example.moment));
        self.examples.replace(examples);
        self.at.set(0);
        self.chosen.set(None);
        self.right.set(0);
    }

    fn choose(&self, answer: ui::AnswerKind) {
        let examples = self.examples.borrow();
        if let (Some(example), None) = (examples.get(self.at.get()), self.chosen.get()) {
            self.chosen.set(Some(answer));
            self.right.set(self.right.get() + usize::from(kind(example) == answer));
        }
    }

    fn next(&self) {
        if self.chosen.take().is_some() {
            self.at.set(self.at.get() + 1);
        }
    }

    /// What the page shows.
    pub(crate) fn model(&self) -> ui::TrainingModel {
        let number = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        let (examples, at) = (self.examples.borrow(), self.at.get());
        let shown = examples.get(at);
        let mut model = shown.map(example_model).unwrap_or_default();
        (model.number, model.of, model.over) = (number(at + 1), number(examples.len()), shown.is_none());
        (model.has_chosen, model.right) = (self.chosen.get().is_some(), number(self.right.get()));
        model.chosen = self.chosen.get().unwrap_or_default();
        model
    }

    /// Forgets the examples: nobody is being trained.
    fn end(&self) {
        self.examples.take();
    }
}

impl Window {
    pub(super) fn listen_to_training(self: &Rc<Self>) {
        let bridge = self.bindings.app.global::<TrainingBridge>();
        let this = |work: fn(&Self)| self.callback(work);
        bridge.on_open(this(|w| {
            let language = w.controller.borrow().presentation().language;
            w.training.begin(&language);
            w.bindings.show_training(w.training.model());
            w.open(Overlay::Training);
        }));
        bridge.on_close(this(|w| {
            w.training.end();
            w.open(Overlay::Settings);
        }));
        bridge.on_next(this(|w| {
            w.training.next();
            w.bindings.show_training(w.training.model());
        }));
        let window = Rc::downgrade(self);
        bridge.on_choose(move |answer| {
            window.upgrade().iter().for_each(|window| {
                window.training.choose(answer);
                window.bindings.show_training(window.training.model());
            });
        });
    }
}

impl UiBindings {
    pub(crate) fn show_training(&self, model: ui::TrainingModel) {
        self.app.global::<TrainingBridge>().set_training(model);
    }
}

fn kind(example: &AnswerView) -> ui::AnswerKind {
    match example.page {
        Page::Valid => ui::AnswerKind::Valid,
        Page::Refused => ui::AnswerKind::Refused,
        Page::NotGenuine => ui::AnswerKind::NotGenuine,
        _ => ui::AnswerKind::CannotTell,
    }
}

fn example_model(example: &AnswerView) -> ui::TrainingModel {
    let birthday = format!("{:02}.{:02}.", example.birth_day, example.birth_month);
    let digits = format!("••{}", example.document_digits);
    let identity = [
        (example.initials.clone(), !example.initials.is_empty()),
        (birthday, example.birth_day > 0),
        (digits, !example.document_digits.is_empty()),
    ];
    let identity: Vec<_> = identity.into_iter().filter(|(_, is_there)| *is_there).map(|(text, _)| text).collect();
    ui::TrainingModel {
        answer: kind(example),
        code: example.code.into(),
        specimen: example.specimen,
        moment: example.moment.as_str().into(),
        gives: example.spoken().into(),
        identity: identity.join(" · ").into(),
        ..ui::TrainingModel::default()
    }
}

#[cfg(test)]
mod tests {
    use greenlit_core::answer::Answer;

    use super::*;

    /// Each kind of answer is among the examples, the right choice counts once, and another one not.
    #[test]
    fn every_answer_is_trained_and_only_the_right_choice_counts() {
        let training = Training::default();
        training.begin("ru");
        let of = training.model().of;
        assert!(of >= 8, "{of}");
        let mut met = Vec::new();
        for number in 1..=of {
            let model = training.model();
            assert_eq!((model.number, model.has_chosen), (number, false));
            met.push(model.answer);
            let wrong = number % 2 == 0;
            let other =
                if model.answer == ui::AnswerKind::Valid { ui::AnswerKind::Refused } else { ui::AnswerKind::Valid };
            training.choose(if wrong { other } else { model.answer });
            // The first choice stands.
            training.choose(model.answer);
            training.next();
            training.next();
        }
        let end = training.model();
        assert!(end.over);
        assert_eq!(end.right, (of + 1) / 2);
        for answer in Answer::ALL {
            let kind = match answer {
                Answer::Valid => ui::AnswerKind::Valid,
                Answer::Refused => ui::AnswerKind::Refused,
                Answer::NotGenuine => ui::AnswerKind::NotGenuine,
                Answer::CannotTell => ui::AnswerKind::CannotTell,
            };
            assert!(met.contains(&kind), "{answer:?}");
        }
        training.end();
        assert_eq!(training.model().of, 0);
    }
}
