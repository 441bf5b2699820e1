//! What stands on an authority's picture of its passes.

messages! {
    /// The heading.
    passes_in_force() { en: "Passes in force", ru: "Действующие пропуска", ba: "Ғәмәлдәге рөхсәтнамәләр" }
    /// Below it, after the authority's name: how many there are on a day.
    in_force_on(passes, day) { en: "{passes} on {day}", ru: "{passes} на {day}", ba: "{day} көнөнә {passes}" }
    /// Beside what belongs to a class of passes.
    class(number) { en: "class {number}", ru: "класс {number}", ba: "класс {number}" }
    /// In the place of the picture.
    none_yet() { en: "No passes in this time", ru: "За это время пропусков нет", ba: "Был ваҡытта рөхсәтнамәләр юҡ" }
}
