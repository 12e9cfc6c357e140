//! The operations: one entry each, from which the parser, the accepted words, the JSON schema, the
//! reference page and the transcripts come.
//!
//! To add one: an entry in the table below, an arm in `net`, a scenario that shows it. An entry
//! says what the operation does, which call it makes, what its answer tells, and its arguments.
//! Nothing here makes a call.

mod argument;
mod entry;
pub mod form;
mod lists;
mod settings;
mod word;

use std::time::Duration;

pub use argument::{Argument, Fields, Word};
pub use entry::{ArgumentEntry, Entry, PATIENCE_KEYS, Patience};
pub use lists::{Events, MessageFlags, NewNames, Payloads, Sizes, SocketNames};
pub use settings::{OptionId, Settings, read_settings};
pub use word::{How, Label, NewName, Number, Size, StateName};

use crate::address::Address;
use crate::frame::Framing;
use crate::kind::Kind;
use crate::outcome::Field;
use crate::payload::Payload;
use crate::scenario::Use;

/// Makes the types, the enum and the table out of the entries.
///
/// `waits` marks what may take time: such an operation also takes `within`, `nowait` and `start`.
/// `eof` marks what may end in end of file. `gives` names the facts of its outcome, `short` the
/// argument that may stand without a table around it.
macro_rules! operations {
    ($(
        $(#[doc = $summary:literal])+
        $verb:ident => $Op:ident, calls $calls:literal
            $(, waits $waits:literal)? $(, eof $eof:literal)?
            $(, gives [$($field:ident),*])? $(, short $short:literal)?
        { $( $(#[doc = $about:literal])+ $argument:ident: $Type:ty, )* }
    )+) => {
        $(
            $(#[doc = $summary])+
            #[derive(Clone, Debug, PartialEq)]
            pub struct $Op {
                $( $(#[doc = $about])+ pub $argument: $Type, )*
            }

            impl $Op {
                const ENTRY: Entry = Entry {
                    verb: stringify!($verb),
                    summary: concat!($($summary, "\n"),+),
                    calls: $calls,
                    waits: false $(|| $waits)?,
                    eof: false $(|| $eof)?,
                    gives: &[$($(Field::$field),*)?],
                    shorthand: entry::first(&[$($short)?]),
                    arguments: &[$(ArgumentEntry {
                        name: stringify!($argument),
                        about: concat!($($about, "\n"),+),
                        required: <$Type as Argument>::REQUIRED,
                        form: <$Type as Argument>::WANTED,
                        keys: <$Type as Argument>::KEYS,
                        schema: <$Type as Argument>::schemas,
                    }),*],
                    read: |fields| {
                        // Each argument is read before the first `?`: all mistakes at once.
                        $( let $argument = <$Type as Argument>::take_from(fields, stringify!($argument)); )*
                        let _ = &fields;
                        Some(Op::$Op($Op { $( $argument: $argument?, )* }))
                    },
                };
            }
        )+

        /// One operation with its arguments.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Op {
            $( $(#[doc = $summary])+ $Op($Op), )+
        }

        /// Every operation, in the order of the reference.
        pub static TABLE: &[&Entry] = &[$( &$Op::ENTRY ),+];

        impl Op {
            /// The operation's table entry.
            pub fn entry(&self) -> &'static Entry {
                match self { $( Op::$Op(_) => &$Op::ENTRY, )+ }
            }

            /// The arguments that were given, as a transcript shows them.
            #[allow(unused_variables, reason = "some operations have no argument")]
            pub fn show_arguments(&self) -> String {
                let entry = self.entry();
                let mut shown: Vec<Option<String>> = Vec::new();
                match self { $( Op::$Op(op) => {
                    $(
                        let short = entry.shorthand == Some(stringify!($argument));
                        shown.push(Argument::shown(&op.$argument, stringify!($argument), short));
                    )*
                } )+ }
                let shown: Vec<String> = shown.into_iter().flatten().collect();
                shown.join(", ")
            }

            /// Tells of every socket that the arguments name.
            #[allow(unused_variables, reason = "some operations have no argument")]
            pub fn visit(&self, visitor: &mut dyn FnMut(Use<'_>)) {
                match self { $( Op::$Op(op) => { $( Argument::visit_all(&op.$argument, visitor); )* } )+ }
            }
        }
    };
}

operations! {
    /// Opens a socket under the name before the dot.
    open => Open, calls "socket(2)", short "kind" {
        /// Address family and type.
        kind: Kind,
        /// Whether calls on it block, each on a thread of its own. Without it the socket is
        /// non-blocking and the harness waits by readiness.
        blocking: Option<bool>,
    }

    /// Opens two `AF_UNIX` sockets connected to each other: the one before the dot and `with`.
    pair => Pair, calls "socketpair(2)", short "with" {
        /// The name of the other end.
        with: NewName,
        /// Which kind; `unix-stream` where not given.
        kind: Option<Kind>,
        /// Whether calls on both block.
        blocking: Option<bool>,
    }

    /// Gives the socket a local address.
    bind => Bind, calls "bind(2)", short "to" {
        /// The address.
        to: Address,
    }

    /// Makes the socket one that accepts connections.
    listen => Listen, calls "listen(2)", short "backlog" {
        /// How many connections may wait to be accepted; 128 where not given.
        backlog: Option<Number>,
    }

    /// Connects to an address; waits until the connection stands or has failed.
    connect => Connect, calls "connect(2), then SO_ERROR once poll(2) reports the socket writable",
        waits true, short "to" {
        /// The address.
        to: Address,
    }

    /// Takes the first connection from the queue of a listening socket.
    accept => Accept, calls "accept4(2)", waits true, gives [From], short "name" {
        /// The name of the connected socket.
        name: NewName,
        /// Whether calls on the new socket block.
        blocking: Option<bool>,
    }

    /// One send: the system takes all the bytes or the first of them.
    send => Send, calls "send(2)", waits true, gives [Len], short "data" {
        /// What to send.
        data: Payload,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Sends until the system has taken every byte.
    send_all => SendAll, calls "send(2), as often as it takes", waits true, gives [Len], short "data" {
        /// What to send.
        data: Payload,
        /// At most so many bytes a call.
        chunk: Option<Size>,
    }

    /// Sends the fill pattern until the system takes no more (`EAGAIN`).
    fill => FillQueue, calls "send(2) until EAGAIN", gives [Len] {
        /// Bytes a call; 64 KiB where not given.
        chunk: Option<Size>,
    }

    /// Sends one message to an address.
    send_to => SendTo, calls "sendto(2)", waits true, gives [Len] {
        /// The address.
        to: Address,
        /// What to send.
        data: Payload,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Sends several buffers as one message, with ancillary data.
    send_msg => SendMsg, calls "sendmsg(2)", waits true, gives [Len] {
        /// The buffers, in order.
        parts: Payloads,
        /// The address; none for a connected socket.
        to: Option<Address>,
        /// Descriptors to pass (`SCM_RIGHTS`).
        fds: Option<SocketNames>,
        /// Whether to pass one's process, user and group (`SCM_CREDENTIALS`).
        credentials: Option<bool>,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// One receive.
    recv => Recv, calls "recv(2)", waits true, eof true, gives [Len, Data], short "max" {
        /// The size of the buffer.
        max: Size,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Receives until so many bytes are there, or the stream ends.
    recv_exactly => RecvExactly, calls "recv(2), as often as it takes", waits true, eof true,
        gives [Len, Data], short "len" {
        /// How many bytes.
        len: Size,
        /// The size of the buffer of each call; all that is missing where not given.
        max: Option<Size>,
    }

    /// Receives until the stream ends; the outcome is `eof`, with the data.
    recv_to_eof => RecvToEof, calls "recv(2) until it gives 0", waits true, eof true, gives [Len, Data] {
        /// The size of the buffer of each call; 64 KiB where not given.
        max: Option<Size>,
    }

    /// Looks at what is to be received, and leaves it there.
    peek => Peek, calls "recv(2) with MSG_PEEK", waits true, eof true, gives [Len, Data], short "max" {
        /// The size of the buffer.
        max: Size,
        /// More `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Receives one message, who sent it, and whether it was cut.
    recv_from => RecvFrom, calls "recvmsg(2) with one buffer, since recvfrom(2) cannot tell of MSG_TRUNC",
        waits true, gives [Len, Data, From, Truncated], short "max" {
        /// The size of the buffer.
        max: Size,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Receives one message into several buffers, with ancillary data and flags.
    recv_msg => RecvMsg, calls "recvmsg(2)", waits true, eof true,
        gives [Len, Data, From, Truncated, Flags, Control], short "parts" {
        /// The sizes of the buffers, in order.
        parts: Sizes,
        /// The size of the buffer for ancillary data; 512 where not given.
        control: Option<Size>,
        /// Names for descriptors that arrive; those without a name are closed.
        fds: Option<NewNames>,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Sends frames, each marked by the framing.
    send_frames => SendFrames, calls "send(2), as often as it takes", waits true, gives [Len] {
        /// How frames are marked.
        framing: Framing,
        /// The frames.
        frames: Payloads,
        /// At most so many bytes a call.
        chunk: Option<Size>,
    }

    /// Receives whole frames, however their bytes arrive.
    recv_frames => RecvFrames, calls "recv(2), as often as it takes", waits true, eof true, gives [Frames] {
        /// How frames are marked.
        framing: Framing,
        /// How many frames.
        count: Size,
        /// The largest frame accepted, in bytes; 1 MiB where not given.
        limit: Option<Size>,
        /// The size of the buffer of each call; what is certainly missing where not given.
        max: Option<Size>,
    }

    /// Shuts down one direction of a connection, or both.
    shutdown => Shutdown, calls "shutdown(2)", short "how" {
        /// Which direction.
        how: How,
    }

    /// Closes the socket. Its name keeps its meaning: the addresses it had can still be named.
    close => Close, calls "close(2)", waits true {}

    /// A second descriptor for the same open socket.
    dup => Dup, calls "dup(2)", short "name" {
        /// The name of the new descriptor.
        name: NewName,
    }

    /// Removes the file of an `AF_UNIX` path in the run's own folder.
    unlink => Unlink, calls "unlink(2)", short "path" {
        /// The path.
        path: Address,
    }

    /// The local address.
    local_addr => LocalAddr, calls "getsockname(2)", gives [Address] {}

    /// The peer's address.
    peer_addr => PeerAddr, calls "getpeername(2)", gives [Address] {}

    /// An option's value.
    get => Get, calls "getsockopt(2)", gives [Value], short "option" {
        /// Which option.
        option: OptionId,
        /// One field of an option that is a record, such as `tcpi_data_segs_out` of `TCP_INFO`.
        field: Option<Label>,
    }

    /// Sets options, in the order written.
    set => Set, calls "setsockopt(2)" {
        /// Options and values.
        settings: Settings,
    }

    /// The pending error, which this takes away; `none` where there is none.
    error => PendingError, calls "getsockopt(2) of SO_ERROR", gives [Value] {}

    /// How many bytes could be received.
    available => Available, calls "ioctl(2) FIONREAD", gives [Value] {}

    /// How many bytes are sent and not yet acknowledged by the peer's system.
    unsent => Unsent, calls "ioctl(2) SIOCOUTQ", gives [Value] {}

    /// Whether the next byte is the one that follows urgent data.
    at_mark => AtMark, calls "sockatmark(3)", gives [Value] {}

    /// What poll reports, once it reports any event.
    poll => Poll, calls "poll(2)", waits true, gives [Events], short "events" {
        /// The events asked for. `POLLERR` and `POLLHUP` are always reported.
        events: Events,
    }

    /// The state of the TCP connection in the system's own table; `none` where it is not there.
    state => State, calls "sock_diag(7), by the pair of addresses", gives [State] {}

    /// Waits until all of these hold; an event, never a span of time.
    wait => Wait, calls "poll(2), ioctl(2) and sock_diag(7)", waits true {
        /// So many bytes can be received; for datagrams, a datagram of that many bytes.
        readable: Option<Size>,
        /// A send would be taken.
        writable: Option<bool>,
        /// The peer has closed or shut down its side, or has reset the connection.
        peer_closed: Option<bool>,
        /// An error is pending.
        error: Option<bool>,
        /// The TCP connection is in this state.
        state: Option<StateName>,
        /// The peer's system has acknowledged all that was sent.
        drained: Option<bool>,
        /// So many connections wait to be accepted.
        queued: Option<Size>,
    }

    /// Waits for an operation that was left pending, and gives its outcome.
    join => Join, calls "the call that is pending", waits true, eof true,
        gives [Len, Data, From, Truncated, Value, Events, Flags, Frames, Control], short "step" {
        /// The name that `start` gave to it.
        step: Label,
    }

    /// Lets time pass, where time is the subject (a delayed acknowledgement, say) and nothing else
    /// could be waited for.
    pause => Pause, calls "none", short "time" {
        /// How long.
        time: Duration,
    }
}
