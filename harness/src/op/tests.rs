//! What has to hold of every entry of the table.

use super::*;

#[test]
fn every_entry_says_what_it_is() {
    for entry in TABLE {
        let verb = entry.verb;
        assert!(entry.summary.trim_end().ends_with('.'), "{verb}: {}", entry.summary);
        assert!(!entry.calls.is_empty(), "{verb} calls nothing");
        let shown = format!(".{verb} =");
        assert!(entry.example.iter().any(|step| step.contains(&shown)), "{verb} is not shown");
        for argument in entry.arguments {
            let about = argument.about.trim_end();
            assert!(about.ends_with('.'), "{verb}.{}: {about}", argument.name);
            assert!(!argument.form.is_empty(), "{verb}.{}", argument.name);
        }
    }
}

#[test]
fn no_word_stands_twice() {
    let mut verbs: Vec<&str> = TABLE.iter().map(|entry| entry.verb).collect();
    verbs.sort_unstable();
    verbs.dedup();
    assert_eq!(verbs.len(), TABLE.len());
    for entry in TABLE {
        let mut keys = entry.keys();
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all, "{}: {keys:?}", entry.verb);
    }
}

#[test]
fn a_shorthand_is_an_argument_and_the_only_one_needed() {
    for entry in TABLE.iter().filter(|entry| entry.shorthand.is_some()) {
        let names = |needed: bool| {
            let arguments = entry.arguments.iter().filter(move |one| one.required || !needed);
            arguments.map(|one| one.name)
        };
        assert!(names(false).any(|name| Some(name) == entry.shorthand), "{}", entry.verb);
        assert!(names(true).all(|name| Some(name) == entry.shorthand), "{}", entry.verb);
    }
}

#[test]
fn the_example_of_every_entry_parses() {
    for entry in TABLE {
        let text = file_around(entry.example);
        let read = crate::scenario::parse("example", &text);
        let read = read.unwrap_or_else(|problems| panic!("{}: {problems:?}\n{text}", entry.verb));
        assert!(read[0].steps.iter().any(|step| step.op.entry().verb == entry.verb));
    }
}
