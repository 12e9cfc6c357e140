//! What `epoll_ctl(2)` is given: what to do, and events.

use serde_json::Value as Json;

use super::argument::Word;
use super::form;
use super::lists::read_list;
use super::word::read_choice;
use crate::flags;
use crate::scenario::{Node, Reader};

/// `EPOLL*` events and flags by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpollEvents(pub Vec<&'static str>);

/// What `epoll_ctl(2)` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpollAction {
    /// `EPOLL_CTL_ADD`.
    Add,
    /// `EPOLL_CTL_MOD`.
    Modify,
    /// `EPOLL_CTL_DEL`.
    Delete,
}

impl EpollAction {
    const ALL: [(&'static str, EpollAction); 3] = [
        ("EPOLL_CTL_ADD", EpollAction::Add),
        ("EPOLL_CTL_MOD", EpollAction::Modify),
        ("EPOLL_CTL_DEL", EpollAction::Delete),
    ];
}

impl Word for EpollAction {
    const FORM: &'static str = "EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL";

    fn schema() -> Json {
        form::words(&Self::ALL.map(|(word, _)| word))
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<EpollAction> {
        let find = |name: &str| Self::ALL.into_iter().find(|(word, _)| *word == name);
        read_choice(node, reader, "request", &Self::ALL.map(|(word, _)| word), find)
            .map(|(_, action)| action)
    }

    fn show(&self) -> String {
        let word = Self::ALL.into_iter().find(|(_, action)| action == self);
        word.map(|(word, _)| word.to_owned()).unwrap_or_default()
    }
}

impl Word for EpollEvents {
    const FORM: &'static str = "epoll events such as [\"EPOLLIN\", \"EPOLLET\"]";

    fn schema() -> Json {
        form::list(&form::words(&flags::EPOLL))
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<EpollEvents> {
        let read = |item: Node<'_>, reader: &mut Reader<'_>| {
            read_choice(item, reader, "epoll event", &flags::EPOLL, flags::epoll)
        };
        read_list(node, reader, Self::FORM, read).map(EpollEvents)
    }

    fn show(&self) -> String {
        self.0.join("|")
    }
}
