//! The pages of a survey made by hand.

use insta::assert_snapshot;

use super::*;
use crate::survey::{Column, Origin, Step};
use crate::verdict::Verdict;

fn column(name: &str, origin: Origin, release: &str) -> Column {
    Column { name: name.to_owned(), origin, release: release.to_owned() }
}

fn cell(state: State, claimed: &str, answered: Option<&str>) -> Cell {
    let answers = match answered {
        Some(answer) => vec![Some("ok".to_owned()), Some(answer.to_owned())],
        None => vec![None, None],
    };
    let claims = vec![None, Some(claimed.to_owned())];
    Cell { state, reason: None, link: None, claims, answers, beside: Vec::new() }
}

fn claim(id: &str, cells: Vec<Cell>) -> Claim {
    let step = |call: &str, line, why: Option<&str>| Step {
        call: call.to_owned(),
        line,
        why: why.map(str::to_owned),
    };
    Claim {
        id: id.to_owned(),
        title: "A <short> buffer cuts".to_owned(),
        about: "The rest is lost.".to_owned(),
        see: vec!["udp(7)".to_owned(), "tokio-rs/mio#1174: it bites".to_owned()],
        file: format!("scenarios/{}.toml", id.split('[').next().unwrap_or_default()),
        steps: vec![
            step("rx.bind(loopback:0)", None, None),
            step("rx.recv(4)", Some(7), Some("Only Windows says so.")),
        ],
        cells,
    }
}

fn survey(claims: Vec<Claim>) -> Survey {
    let columns = vec![
        column("linux", Origin::Recorded, "6.18"),
        column("wine", Origin::Recorded, "10.0"),
        column("windows", Origin::Documented, ""),
    ];
    Survey { columns, claims }
}

/// Cut on one, an error on the other.
fn cells(answer: &str) -> Vec<Cell> {
    let pass = State::Came(Verdict::Pass);
    vec![
        cell(pass, "truncated", Some(answer)),
        cell(pass, "WSAEMSGSIZE (10040)", Some("WSAEMSGSIZE (10040)")),
        cell(State::Documented, "WSAEMSGSIZE (10040)", None),
    ]
}

fn text_of(survey: &Survey, path: &str) -> String {
    let mut pages = pages(survey, "../..").into_iter();
    pages.find(|page| page.path == path).expect("a page of that path").text
}

#[test]
fn a_claim_is_told_with_its_steps_and_platforms() {
    let survey = survey(vec![claim("udp/recv/cut", cells("fill 4"))]);
    assert_snapshot!(text_of(&survey, "udp/recv.md"), @r#"
    <!-- Made by `sockdrill pages` from the scenario files and records. Do not edit. -->

    # udp/recv

    [All areas](../README.md)

    <a id="cut"></a>

    ## A \<short\> buffer cuts

    The rest is lost.

    On linux 6.18:

    ```text
    rx.bind(loopback:0)  = ok
    rx.recv(4)           = fill 4
        # Only Windows says so.
    ```

    | platform | claim | answers |
    |---|---|---|
    | linux | pass | as above |
    | wine | pass | `rx.recv(4)` gives `WSAEMSGSIZE (10040)` |
    | windows | documented | `rx.recv(4)` gives `WSAEMSGSIZE (10040)` |

    Sources: udp(7); [tokio-rs/mio\#1174](https://github.com/tokio-rs/mio/issues/1174): it bites.

    File: [`udp/recv/cut`](../../../scenarios/udp/recv/cut.toml)
    "#);
}

#[test]
fn cells_that_answer_differently_stand_beside_each_other() {
    let mut skipped = cells("fill 2");
    skipped[1] = cell(State::Came(Verdict::Skip), "ok", None);
    skipped[1].reason = Some("no ipv6".to_owned());
    let survey = survey(vec![
        claim("udp/recv/cut[kind=udp4]", cells("fill 4")),
        claim("udp/recv/cut[kind=udp6]", skipped),
    ]);
    let text = text_of(&survey, "udp/recv.md");
    let table = text.split("```\n").nth(1).expect("what follows the transcript");
    assert_snapshot!(table, @r"

    | 2 cells | linux | wine | windows |
    |---|---|---|---|
    | `kind=udp4` | `fill 4` | `WSAEMSGSIZE (10040)` ≠ | documented: `WSAEMSGSIZE (10040)` |
    | `kind=udp6` | `fill 2` | skip | documented: `WSAEMSGSIZE (10040)` |

    - wine, skip: no ipv6

    Sources: udp(7); [tokio-rs/mio\#1174](https://github.com/tokio-rs/mio/issues/1174): it bites.

    File: [`udp/recv/cut`](../../../scenarios/udp/recv/cut.toml)
    ");
}

#[test]
fn cells_that_answer_alike_are_named_by_what_they_are_made_of() {
    let cell = |kind, size| claim(&format!("udp/cut[kind={kind},size={size}]"), cells("fill 4"));
    let survey = survey(vec![cell("udp4", 1), cell("udp4", 2), cell("udp6", 1), cell("udp6", 2)]);
    let text = text_of(&survey, "udp.md");
    assert!(text.contains("The same in 4 cells – kind `udp4`, `udp6`; size `1`, `2`.\n"), "{text}");
}

#[test]
fn the_index_lists_areas_before_those_within_them() {
    let survey = survey(vec![
        claim("udp/a", cells("fill 4")),
        claim("udp/recv/cut", cells("fill 4")),
        claim("udp/z", cells("fill 4")),
    ]);
    let index = text_of(&survey, "README.md");
    let links: Vec<&str> = index.lines().filter(|line| line.contains("](")).collect();
    assert_snapshot!(links.join("\n"), @r"
    ## [udp](udp.md)
    - [A \<short\> buffer cuts](udp.md#a) – otherwise on wine
    - [A \<short\> buffer cuts](udp.md#z) – otherwise on wine
    ## [udp/recv](udp/recv.md)
    - [A \<short\> buffer cuts](udp/recv.md#cut) – otherwise on wine
    ");
    let paths: Vec<String> = pages(&survey, "..").into_iter().map(|page| page.path).collect();
    assert_eq!(paths, ["README.md", "udp.md", "udp/recv.md"]);
}
