//! The operations, in the order of the reference: what each does, which call it makes, what its answer
//! tells, and its arguments.
//!
//! Nothing here makes a call. Next: `net/job.rs`, which has an arm for each.

use std::time::Duration;

use super::entry::{self, ArgumentEntry, Entry};
use super::{
    Argument, CommandLine, ControlMessages, Domain, Endpoint, EpollAction, EpollEvents, Events,
    FdSets, How, Label, LocalAddress, MessageFlags, NewName, NewNames, Number, OptionId, Payloads,
    Protocol, Ready, Settings, Size, Sizes, SocketName, SocketNames, SocketType, StateName,
};
use crate::address::Address;
use crate::frame::Framing;
use crate::kind::Kind;
use crate::outcome::Field;
use crate::payload::Payload;
use crate::scenario::Use;
use crate::via::Via;

operations! {
    /// Opens a socket under the name before the dot. With `listen`, `bind` or `connect` it makes
    /// those calls too: what a layer makes a socket with, in one call of the library's.
    open => Open, calls "socket(2), then bind(2), listen(2) or connect(2); or what the layer has for them",
        short "kind", example [r#"{ late.open = "tcp4" }"#, r#"{ whole.open = { kind = "tcp4", via = "std", listen = "loopback:0" } }"#] {
        /// Address family and type.
        kind: Kind,
        /// Whether calls on it block, each on a thread of its own. Without it the socket is
        /// non-blocking and the harness waits until it is ready.
        blocking: Option<bool>,
        /// Whether a child process makes the call, one that can get no descriptor any more
        /// (`RLIMIT_NOFILE`). The scenario is `serial` then.
        no_descriptor: Option<bool>,
        /// Through which layer its calls go; `raw` where not given.
        via: Option<Via>,
        /// Where it is bound and listens.
        listen: Option<LocalAddress>,
        /// Where it is bound.
        bind: Option<LocalAddress>,
        /// Whom it connects to. A library's call that blocks is made on a thread of its own.
        connect: Option<Address>,
        /// The backlog of `listen`, as there.
        backlog: Option<Number>,
        /// After which `connect` gives up: `connect_timeout` of std or socket2.
        timeout: Option<Duration>,
    }

    /// Opens two `AF_UNIX` sockets connected to each other: the name before the dot is one, `with`
    /// the other.
    pair => Pair, calls "socketpair(2)", short "with", example [r#"{ near.pair = "far" }"#] {
        /// The name of the other end.
        with: NewName,
        /// Which kind; `unix-stream` where not given.
        kind: Option<Kind>,
        /// Whether calls on either end block.
        blocking: Option<bool>,
        /// Whether a child process makes the call, one that can get no descriptor any more
        /// (`RLIMIT_NOFILE`). The scenario is `serial` then.
        no_descriptor: Option<bool>,
        /// Through which layer the calls of both go.
        via: Option<Via>,
    }

    /// Opens a socket of any domain, type and protocol under the name before the dot: what `open`
    /// has no kind for, or what the system refuses.
    socket => SocketOf, calls "socket(2)",
        example [r#"{ raw.socket = { domain = "AF_INET", socktype = "SOCK_STREAM", protocol = "IPPROTO_TCP" } }"#] {
        /// The domain.
        domain: Domain,
        /// The type; 0 where not given.
        socktype: Option<SocketType>,
        /// The protocol; 0, the type's own, where not given.
        protocol: Option<Protocol>,
    }

    /// Gives the socket a local address.
    bind => Bind, calls "bind(2)", short "to", example [r#"{ fresh.bind = "loopback:0" }"#] {
        /// The address. Port 0 lets the system choose a free one.
        to: LocalAddress,
    }

    /// Makes the socket one that accepts connections.
    listen => Listen, calls "listen(2)", short "backlog",
        example [r#"{ fresh.bind = "loopback:0" }"#, "{ fresh.listen = 1 }"] {
        /// How many connections may wait to be accepted, 128 where not given. Systems round it and
        /// cap it: Linux takes one more than asked for, at most `net.core.somaxconn` and one.
        backlog: Option<Number>,
    }

    /// Connects to an address; waits until the connection stands or has failed. A datagram socket
    /// only notes the address, and `unspec` makes it forget.
    connect => Connect, calls "connect(2), then SO_ERROR once poll(2) reports the socket writable",
        waits true, short "to", example [r#"{ fresh.connect = "server" }"#] {
        /// The address.
        to: Address,
    }

    /// Takes the first connection from the queue of a listening socket.
    accept => Accept, calls "accept4(2)", waits true, gives [From, Len], short "name",
        example [r#"{ fresh.connect = "server" }"#, r#"{ server.accept = "other", expect = { from = "fresh" } }"#] {
        /// The name of the connected socket.
        name: NewName,
        /// Whether calls on the new socket block.
        blocking: Option<bool>,
        /// Whether it is accept(2), which leaves it to the system whether calls on the new socket block.
        /// Each is then made on a thread of its own.
        plain: Option<bool>,
        /// Whether a child process makes the call, one that can get no descriptor any more
        /// (`RLIMIT_NOFILE`). The scenario is `serial` then.
        no_descriptor: Option<bool>,
        /// The size of the buffer for the address. Told is then how long the system says it is.
        room: Option<Size>,
        /// Through which layer its calls go: the listener's where not given. A raw listener's may
        /// be given to another.
        via: Option<Via>,
    }

    /// One send. On a stream the system may take only the first of the bytes, and says how many.
    send => Send, calls "send(2)", waits true, gives [Len, Value], short "data",
        example [r#"{ client.send = "HELLO" }"#] {
        /// What to send.
        data: Payload,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
        /// Whether the outcome tells, as its value, if the call raised `SIGPIPE`.
        sigpipe: Option<bool>,
    }

    /// Sends until the system has taken every byte. An error tells how many it took before.
    send_all => SendAll, calls "send(2), as often as it takes", waits true, gives [Len], short "data",
        example [r#"{ client.send_all = { fill = "64 KiB", chunk = 1000 } }"#] {
        /// What to send.
        data: Payload,
        /// At most so many bytes a call; all that is left where not given.
        chunk: Option<Size>,
        /// The time between two calls.
        gap: Option<Duration>,
    }

    /// Sends the fill pattern until the system takes no more (`EAGAIN`), and tells how many bytes
    /// it took.
    fill => FillQueue, calls "send(2) until EAGAIN", gives [Len],
        example ["{ client.fill = {}, expect = { len = { at_least = 1 } } }"] {
        /// Bytes a call; 64 KiB where not given.
        chunk: Option<Size>,
    }

    /// Sends one message to an address.
    send_to => SendTo, calls "sendto(2)", waits true, gives [Len],
        example [r#"{ tx.send_to = { to = "rx", data = "HELLO" } }"#] {
        /// The address.
        to: Address,
        /// What to send.
        data: Payload,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Sends several buffers as one message, with ancillary data.
    send_msg => SendMsg, calls "sendmsg(2)", waits true, gives [Len],
        example [r#"{ left.send_msg = { parts = ["HEL", "LO"], fds = ["client"] } }"#] {
        /// The buffers, in order.
        parts: Payloads,
        /// The address; none for a connected socket.
        to: Option<Address>,
        /// Sockets whose descriptors to pass (`SCM_RIGHTS`).
        fds: Option<SocketNames>,
        /// Whether to pass the harness's own process, user and group (`SCM_CREDENTIALS`).
        credentials: Option<bool>,
        /// Other control messages.
        control: Option<ControlMessages>,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// One receive. Where a stream has ended the outcome is `eof`; an empty datagram is `ok`.
    recv => Recv, calls "recv(2)", waits true, eof true, gives [Len, Data], short "max",
        example [r#"{ client.send = "HELLO" }"#, r#"{ conn.recv = 64, expect = { data = "HELLO" } }"#] {
        /// The size of the buffer.
        max: Size,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Receives until so many bytes are there, or the stream ends; `eof` then tells what came
    /// before.
    recv_exactly => RecvExactly, calls "recv(2), as often as it takes", waits true, eof true,
        gives [Len, Data], short "len", example ["{ conn.recv_exactly = 4096, expect = { data = { fill = 4096 } } }"] {
        /// How many bytes.
        len: Size,
        /// The size of the buffer of each call; all that is missing where not given.
        max: Option<Size>,
    }

    /// Receives until the stream ends; the outcome is `eof`, with the data.
    recv_to_eof => RecvToEof, calls "recv(2) until it gives 0", waits true, eof true, gives [Len, Data],
        example [r#"{ conn.recv_to_eof = {}, expect = { end = "eof", data = "HELLO" } }"#] {
        /// The size of the buffer of each call; 64 KiB where not given.
        max: Option<Size>,
    }

    /// Looks at what is to be received, and leaves it there.
    peek => Peek, calls "recv(2) with MSG_PEEK", waits true, eof true, gives [Len, Data], short "max",
        example [r#"{ conn.peek = 1, expect = { data = "H" } }"#] {
        /// The size of the buffer.
        max: Size,
        /// More `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Receives one message, who sent it, and whether it was cut.
    recv_from => RecvFrom, calls "recvmsg(2) with one buffer, since recvfrom(2) cannot tell of MSG_TRUNC",
        waits true, gives [Len, Data, From, Truncated], short "max",
        example [r#"{ rx.recv_from = 1024, expect = { from = "tx", truncated = false } }"#] {
        /// The size of the buffer.
        max: Size,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Receives one message into several buffers, with ancillary data and flags.
    recv_msg => RecvMsg, calls "recvmsg(2)", waits true, eof true,
        gives [Len, Data, From, Truncated, Flags, Control], short "parts",
        example [r#"{ right.recv_msg = { parts = [4, 1024], fds = ["passed"] }, expect = { control = ["SCM_RIGHTS 1"] } }"#] {
        /// The sizes of the buffers, in order.
        parts: Sizes,
        /// The size of the buffer for ancillary data; 512 where not given.
        control: Option<Size>,
        /// Names for sockets whose descriptors arrive; those without a name are closed.
        fds: Option<NewNames>,
        /// `MSG_*` flags.
        flags: Option<MessageFlags>,
    }

    /// Sends frames, each marked by the framing.
    send_frames => SendFrames, calls "send(2), as often as it takes", waits true, gives [Len],
        example [r#"{ client.send_frames = { framing = "u16be", frames = ["ls", ""], chunk = 1 } }"#] {
        /// How frames are marked.
        framing: Framing,
        /// The frames.
        frames: Payloads,
        /// At most so many bytes a call; all that is left where not given.
        chunk: Option<Size>,
    }

    /// Receives whole frames, however their bytes arrive. What cannot be a frame is `EBADMSG`.
    recv_frames => RecvFrames, calls "recv(2), as often as it takes", waits true, eof true, gives [Frames],
        example [r#"{ conn.recv_frames = { framing = "u16be", count = 2 }, expect = { frames = ["ls", ""] } }"#] {
        /// How frames are marked.
        framing: Framing,
        /// How many frames.
        count: Size,
        /// The largest frame accepted, in bytes; 1 MiB where not given.
        limit: Option<Size>,
        /// The size of the buffer of each call. Where not given, no byte is taken beyond the last
        /// frame.
        max: Option<Size>,
    }

    /// Shuts down one direction of a connection, or both.
    shutdown => Shutdown, calls "shutdown(2)", short "how", example [r#"{ client.shutdown = "SHUT_WR" }"#] {
        /// Which direction.
        how: How,
    }

    /// Closes the socket. Its name keeps its meaning: the addresses it had can still be named.
    close => Close, calls "close(2)", waits true,
        example ["{ conn.close = {} }", r#"{ conn.wait = { state = "FIN_WAIT_2" } }"#] {
        /// Whether later steps may go on to use it, as a program with a mistake does: they call with
        /// a descriptor that is not open, and not with the old one's number, which may be another's
        /// by then.
        stale: Option<bool>,
    }

    /// Opens a second descriptor for the same socket.
    dup => Dup, calls "dup(2)", short "name", example [r#"{ client.dup = "again" }"#] {
        /// The name of the new descriptor.
        name: NewName,
        /// Whether a child process makes the call, one that can get no descriptor any more
        /// (`RLIMIT_NOFILE`). The scenario is `serial` then.
        no_descriptor: Option<bool>,
    }

    /// Forks a process that has a descriptor of the socket, and no other, until the new name is closed:
    /// with its end the descriptor is closed. The scenario is `serial` then.
    fork => Fork, calls "fork(2)", short "name", example [r#"{ conn.fork = "child" }"#] {
        /// The name of the child process.
        name: NewName,
    }

    /// Sets whether calls on the socket block, and so on every descriptor of it. The harness goes on
    /// to call as `blocking` has it.
    nonblocking => Nonblocking, calls "ioctl(2) FIONBIO", short "on", example ["{ conn.nonblocking = true }"] {
        /// Whether they do not.
        on: bool,
    }

    /// Removes the file of an `AF_UNIX` path from the run's own folder.
    unlink => Unlink, calls "unlink(2)", short "path", example [r#"{ local.unlink = "path:sock" }"#] {
        /// The path.
        path: Address,
    }

    /// Asks for the local address.
    local_addr => LocalAddr, calls "getsockname(2)", gives [Address, Len],
        example [r#"{ conn.local_addr = {}, expect = { address = "server" } }"#] {
        /// The size of the buffer for the address. Told is then how long the system says it is.
        room: Option<Size>,
    }

    /// Asks for the peer's address.
    peer_addr => PeerAddr, calls "getpeername(2)", gives [Address, Len],
        example [r#"{ conn.peer_addr = {}, expect = { address = "client" } }"#] {
        /// The size of the buffer for the address. Told is then how long the system says it is.
        room: Option<Size>,
    }

    /// Asks for an option's value.
    get => Get, calls "getsockopt(2); WSAIoctl for what Windows has as a request", gives [Value], short "option",
        example [r#"{ conn.get = "TCP_NODELAY", expect = { value = false } }"#] {
        /// Which option.
        option: OptionId,
        /// One field of an option that is a record, such as `tcpi_data_segs_out` of `TCP_INFO`.
        field: Option<Label>,
        /// The size of the buffer for the value; as large as the value where not given.
        room: Option<Size>,
    }

    /// Asks for the descriptor's own flags: `FD_CLOEXEC`, `O_NONBLOCK`; on Windows
    /// `HANDLE_FLAG_INHERIT`, and nothing there tells whether calls block.
    fd_flags => FdFlags, calls "fcntl(2) F_GETFD and F_GETFL; GetHandleInformation on Windows", gives [Flags],
        example [r#"{ conn.fd_flags = {}, expect.unix = { flags = ["FD_CLOEXEC", "O_NONBLOCK"] } }"#] {}

    /// Sets options, in the order written.
    set => Set, calls "setsockopt(2); WSAIoctl for what Windows has as a request",
        example ["{ conn.set = { SO_LINGER = { l_onoff = 1, l_linger = 0 } } }"] {
        /// Options and values.
        settings: Settings,
    }

    /// Asks for the pending error, and so takes it away; the value is its name, or `none`.
    error => PendingError, calls "getsockopt(2) of SO_ERROR", gives [Value],
        example [r#"{ conn.error = {}, expect = { value = "none" } }"#] {}

    /// Asks how many bytes can be received. Of datagrams, Linux counts the first alone, Windows
    /// all.
    available => Available, calls "ioctl(2) FIONREAD", gives [Value],
        example ["{ conn.available = {}, expect = { value = 5 } }"] {}

    /// Asks how many bytes are in the send queue. Of TCP these are all that the peer's system has
    /// not acknowledged, sent or not, whatever tcp(7) says.
    unsent => Unsent, calls "ioctl(2) SIOCOUTQ", gives [Value],
        example ["{ client.unsent = {}, expect = { value = 0 } }"] {}

    /// Asks whether the next byte is the one that follows urgent data.
    at_mark => AtMark, calls "sockatmark(3)", gives [Value],
        example ["{ conn.at_mark = {}, expect = { value = true } }"] {}

    /// Waits until poll reports any event, and tells which.
    poll => Poll, calls "poll(2)", waits true, gives [Events], short "events",
        example [r#"{ conn.poll = ["POLLIN", "POLLOUT"], expect = { events = ["POLLOUT"] } }"#] {
        /// The events asked for. `POLLERR`, `POLLHUP` and `POLLNVAL` come unasked.
        events: Events,
    }

    /// Waits until select leaves the socket in a set, and tells in which.
    select => Select, calls "select(2)", waits true, gives [Sets], short "sets",
        example [r#"{ conn.select = ["readfds", "writefds"], expect = { sets = ["writefds"] } }"#] {
        /// The sets to put it into.
        sets: FdSets,
    }

    /// Opens an epoll instance under the name before the dot (Linux).
    epoll_create => EpollCreate, calls "epoll_create1(2)", example ["{ ep.epoll_create = {} }"] {}

    /// Adds a socket to an epoll instance, changes what is asked of it, or removes it (Linux).
    epoll_ctl => EpollCtl, calls "epoll_ctl(2)",
        example ["{ ep.epoll_create = {} }", r#"{ ep.epoll_ctl = { op = "EPOLL_CTL_ADD", fd = "conn", events = ["EPOLLIN"] } }"#] {
        /// What is done.
        op: EpollAction,
        /// The name of the socket, or of another epoll instance.
        fd: SocketName,
        /// The events asked for, and flags such as `EPOLLET`; none where not given.
        events: Option<EpollEvents>,
    }

    /// Waits until an epoll instance has something ready, and tells what (Linux).
    epoll_wait => EpollWait, calls "epoll_wait(2)", waits true, gives [Ready], short "maxevents",
        example ["{ ep.epoll_create = {} }", r#"{ ep.epoll_ctl = { op = "EPOLL_CTL_ADD", fd = "conn", events = ["EPOLLOUT"] } }"#, r#"{ ep.epoll_wait = 8, expect = { ready = ["conn EPOLLOUT"] } }"#] {
        /// Of how many to tell at most.
        maxevents: Number,
    }

    /// Looks up the state of the TCP connection in the system's own table; `none` where it is not
    /// there.
    state => State, calls "sock_diag(7), by the pair of addresses", gives [State],
        example [r#"{ conn.state = {}, expect = { state = "ESTABLISHED" } }"#]
    {
        /// Whether the peer's end is asked about: the same pair of addresses, seen from the other
        /// side, which has a state before anybody accepts.
        peer: Option<bool>,
    }

    /// Waits until all of these hold; an event, never a span of time.
    wait => Wait, calls "poll(2), ioctl(2), sock_diag(7) or TCP_INFO, as the condition needs", waits true,
        example ["{ conn.wait = { readable = 10 } }"] {
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
        /// Whether `state` is about the peer's end of the connection.
        peer: Option<bool>,
        /// The peer's system has acknowledged all that was sent.
        drained: Option<bool>,
        /// So many connections wait to be accepted.
        queued: Option<Size>,
        /// Of a peer: so many bytes have arrived at it, on all its connections together.
        received: Option<Size>,
        /// Of a peer: its script has come to its end.
        finished: Option<bool>,
    }

    /// Waits for an operation that was left pending, and gives its outcome.
    join => Join, calls "whatever call is pending", waits true, eof true,
        gives [Len, Data, From, Truncated, Value, Events, Sets, Flags, Frames, Control], short "step",
        example [r#"{ conn.recv = { max = 64, start = "later" } }"#, "{ client.close = {} }", r#"{ conn.join = "later", expect = "eof" }"#] {
        /// The name that `start` gave to it.
        step: Label,
    }

    /// Sends a signal to the thread whose call on a blocking socket is pending. Its handler does
    /// nothing (Linux).
    interrupt => Interrupt, calls "tgkill(2)", short "step",
        example [r#"{ server.accept = { name = "one", blocking = true } }"#, r#"{ one.recv = { max = 64, start = "r" } }"#, r#"{ one.interrupt = "r" }"#, r#"{ one.join = "r", expect = "EINTR" }"#] {
        /// The name that `start` gave to the call.
        step: Label,
        /// Whether the handler was installed with `SA_RESTART`; not where not given.
        restart: Option<bool>,
    }

    /// Starts a program under the name before the dot and waits until it is ready; with `at` alone it
    /// names one that runs already. The name then stands for its address. Only where the user
    /// allows it (`--allow-programs`); the program and all that it starts end with the run.
    start => StartProgram, calls "execve(2) in a process group of its own", waits true, short "run",
        example [r#"{ app.start = { run = ["my-server", "--port", "{port}"] } }"#] {
        /// The command. `{port}` in it stands for a free port of loopback, `{addr:NAME}` and
        /// `{port:NAME}` for the address of that name and its port, `{path:NAME}` for the path that
        /// the address `path:NAME` means. `built:NAME` in the place of the program is one that was
        /// built beside sockdrill.
        run: Option<CommandLine>,
        /// Where it is reached; `127.0.0.1:{port}` where not given, or, where the command takes no
        /// port, the address in the line that it prints when it is ready.
        at: Option<Endpoint>,
        /// When it is ready; `accepts` where not given. To find that out, a connection is made and
        /// closed.
        ready: Option<Ready>,
    }

    /// Kills a program that was started, and all that it started.
    stop => StopProgram, calls "killpg(2), waitpid(2)",
        example [r#"{ app.start = { run = ["my-server"], ready = "started" } }"#, "{ app.stop = {} }"] {}

    /// Asks how a program fares: `running`, or how it ended: `exit 0`, `signal: 11 (SIGSEGV)`.
    status => ProgramStatus, calls "waitpid(2)", gives [Value],
        example [r#"{ app.start = { run = ["my-server"] } }"#, r#"{ app.status = {}, expect = { value = "running" } }"#] {}

    /// Waits until a program has ended, and tells its exit status: a number, or the signal that
    /// ended it, such as `SIGSEGV`.
    exit => ProgramExit, calls "waitpid(2)", waits true, gives [Value],
        example [r#"{ app.start = { run = ["my-client", "{addr:server}"], ready = "started" } }"#, "{ app.exit = {}, expect = { value = 0 } }"] {}

    /// Waits until a program has closed its standard output, or has printed so many lines, and gives
    /// what it has printed there, at most 64 KiB.
    output => ProgramOutput, calls "read(2) of the other end of its standard output", waits true, gives [Data],
        short "lines",
        example [r#"{ app.start = { run = ["my-client", "{addr:server}"], ready = "started" } }"#, r#"{ app.output = {}, expect = { data = "done\n" } }"#] {
        /// So many lines are waited for, and given.
        lines: Option<Size>,
    }

    /// Lets time pass, where time is the subject (a delayed acknowledgement, say) and nothing else
    /// could be waited for.
    pause => Pause, calls "nothing: it sleeps", short "time", example [r#"{ conn.pause = "50ms" }"#] {
        /// How long.
        time: Duration,
    }
}
