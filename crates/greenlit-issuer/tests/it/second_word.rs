//! Promise: many passes, or a key, are revoked on the word of two people, and no loop, other user or second try gets round it.

use greenlit_testkit::cli::{CliHarness, DAY, Run};

/// Two people who work with one authority: `daemon` and `bin`.
const FIRST: u32 = 1;
const SECOND: u32 = 2;

/// An authority that asks for a second word above three, with so many passes.
fn desk_with(passes: usize) -> (CliHarness, Vec<String>) {
    let desk = CliHarness::new();
    let told = desk.issuer(&["init", "a", "--name", "Министерство", "--region", "RU-BA"]).exits_with(0);
    assert!(told.contains("revoking more than 100 passes a day, or a key, takes a second operator"), "{told}");
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    assert!(settings.contains("second_word_above = 100"), "{settings}");
    desk.write("a/authority.toml", settings.replace("second_word_above = 100", "second_word_above = 3"));
    let passes: Vec<String> = (0..passes).map(|_| desk.issue("a", &[]).1).collect();
    desk.write("list.txt", passes.join("\n"));
    (desk, passes)
}

fn confirm(desk: &CliHarness, user: u32, number: u64) -> Run {
    desk.shell_as(user, &format!("greenlit-issuer confirm a {number} --yes"))
}

fn revoked(desk: &CliHarness) -> usize {
    desk.issuer(&["revoked", "a"]).exits_with(0).lines().count()
}

#[test]
fn a_long_list_waits_for_somebody_else() {
    let (desk, passes) = desk_with(5);
    let list = "greenlit-issuer revoke a --file list.txt --reason 'wrong batch'";
    for _ in 0..2 {
        let told = desk.shell_as(FIRST, list).exits_with(1);
        assert!(told.contains("0 revoked") && told.contains("5 not revoked yet"), "{told}");
        assert!(told.contains("`greenlit-issuer confirm a 1`"), "{told}");
    }
    assert_eq!(revoked(&desk), 0);
    let waits = desk.issuer(&["confirm", "a"]).exits_with(0);
    assert!(
        waits.starts_with("1: revoke 5 passes (wrong batch); proposed by daemon at ") && waits.lines().count() == 1
    );

    confirm(&desk, FIRST, 1).fails_with("proposal 1 was made by daemon; somebody else has to confirm it");
    confirm(&desk, SECOND, 2).fails_with("nothing of the number 2 waits");
    // Where nobody can be asked, nothing happens unasked.
    desk.shell_as(SECOND, "greenlit-issuer confirm a 1 </dev/null").fails_with("use --yes");
    assert_eq!(revoked(&desk), 0);
    // What was revoked meanwhile is skipped and told.
    desk.shell_as(SECOND, &format!("greenlit-issuer revoke a {}", passes[0])).exits_with(0);
    let told = confirm(&desk, SECOND, 1).exits_with(0);
    assert!(told.contains("revoked 4 passes; 1 were revoked meanwhile"), "{told}");
    assert_eq!(revoked(&desk), 5);
    confirm(&desk, SECOND, 1).fails_with("nothing of the number 1 waits");
    let told = desk.issuer(&["status", "a", &passes[3]]).exits_with(0);
    assert!(told.contains("revoked by bin, proposed by daemon: wrong batch"), "{told}");
    let witness = desk.shell("cat .local/share/greenlit-issuer/*").exits_with(0);
    assert!(witness.contains("\tconfirmed\t1\tdaemon\t") && !witness.contains("wrong batch"), "{witness}");
}

#[test]
fn a_loop_does_not_get_round_it() {
    let (desk, passes) = desk_with(6);
    let all = passes.join(" ");
    let told = desk.shell_as(FIRST, &format!("for p in {all}; do greenlit-issuer revoke a $p; done")).exits_with(1);
    assert_eq!(told.matches("; publish to update").count(), 3, "{told}");
    assert_eq!(told.matches("not revoked yet").count(), 3, "{told}");
    assert_eq!(revoked(&desk), 3);
    // A suspension can be lifted, and waits for nobody.
    desk.shell_as(FIRST, &format!("greenlit-issuer revoke a {} --suspend", passes[5])).exits_with(0);
    // The next day they may again.
    let next = desk.shell_ahead(DAY + 60, &format!("greenlit-issuer revoke a {}", passes[3]));
    assert!(next.exits_with(0).contains("publish to update"));
}

#[test]
fn a_proposal_lapses_or_is_withdrawn() {
    let (desk, _) = desk_with(4);
    let list = "greenlit-issuer revoke a --file list.txt";
    desk.shell_as(FIRST, list).exits_with(1);
    let told = desk.shell_as(FIRST, "greenlit-issuer confirm a 1 --withdraw").exits_with(0);
    assert!(told.contains("nothing was revoked"), "{told}");
    confirm(&desk, SECOND, 1).fails_with("nothing of the number 1 waits");
    desk.shell_as(FIRST, list).exits_with(1);
    let late = desk.shell_ahead(7 * DAY + 60, "greenlit-issuer confirm a; greenlit-issuer confirm a 2 --yes");
    assert_eq!(late.out, "");
    late.fails_with("proposal 2 lapsed at");
    assert_eq!(revoked(&desk), 0);
}

#[test]
fn a_key_waits_too_but_not_in_an_emergency() {
    let (desk, _) = desk_with(1);
    let kid = desk.kids("a", "issuer").remove(0);
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    let told = desk.shell_as(FIRST, &format!("greenlit-issuer keys a revoke {kid}")).exits_with(1);
    assert!(told.contains("nothing was revoked yet") && told.contains("confirm a 1"), "{told}");
    let keys = || desk.issuer(&["keys", "a"]).exits_with(0);
    assert!(!keys().contains("revoked at"));
    assert!(desk.issuer(&["confirm", "a"]).exits_with(0).contains(&format!("1: revoke issuer key {kid}")));
    let told = confirm(&desk, SECOND, 1).exits_with(0);
    assert!(told.contains(&format!("revoked {kid}: none of its passes are genuine")), "{told}");
    assert!(keys().contains("revoked at"));

    let other = desk.kids("a", "issuer").into_iter().find(|other| *other != kid).unwrap();
    desk.shell_as(FIRST, &format!("greenlit-issuer keys a revoke {other} --emergency")).exits_with(0);
    assert_eq!(keys().matches("revoked at").count(), 2);
}

#[test]
fn one_operator_is_never_asked() {
    let desk = CliHarness::with_authority();
    let passes: Vec<String> = (0..4).map(|_| desk.issue("a", &[]).1).collect();
    desk.write("list.txt", passes.join("\n"));
    assert!(desk.issuer(&["revoke", "a", "--file", "list.txt"]).exits_with(0).contains("4 revoked"));
}
