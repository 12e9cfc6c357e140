//! Names into live addresses and descriptors, and back.
//!
//! The one translator: no port, descriptor or path leaves `net` but through it. A name keeps the
//! addresses it had after its socket is closed.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::Opened;
use super::groups::stays_here;
use super::hosts::{ip, is_bound, reachable, show_host};
use super::job::{Answer, Job, Sofar};
use super::peers::PeerProgress;
use super::ports::Ports;
use super::via::Layered;
use crate::address::{Address, Port};
use crate::kind::Kind;
use crate::op::{CommandLine, Op, Placeholder};
use crate::outcome::End;
use crate::plan::Action;
use crate::program::SharedProgram;
use crate::run::CannotLook;
use crate::scenario::{self, Name, SocketId, Use};
use crate::sys::{self, Socket};

/// What is known behind one name.
#[derive(Default)]
struct Slot {
    socket: Option<Arc<Socket>>,
    /// The same socket of a library, where one makes its calls.
    layer: Option<Arc<Layered>>,
    kind: Option<Kind>,
    blocking: bool,
    local: Option<sys::Address>,
    remote: Option<sys::Address>,
    /// How far it has come, where it is a peer.
    peer: Option<Arc<PeerProgress>>,
    program: Option<SharedProgram>,
}

/// The live side of a run's names.
pub struct Names {
    texts: Vec<String>,
    slots: Vec<Slot>,
    /// Holds the paths of this run; made when the first is named.
    folder: Option<TempDir>,
    /// Makes abstract names this run's own.
    key: u64,
    ports: Ports,
}

impl Names {
    pub fn new(names: &scenario::Names) -> Names {
        Names {
            texts: names.iter().map(str::to_owned).collect(),
            slots: names.iter().map(|_| Slot::default()).collect(),
            folder: None,
            key: RandomState::new().build_hasher().finish(),
            ports: Ports::default(),
        }
    }

    fn slot(&self, id: SocketId) -> Result<&Slot, CannotLook> {
        self.slots
            .get(usize::from(id.0))
            .ok_or_else(|| CannotLook("a name without a slot".to_owned()))
    }

    /// One operation with the live values behind its names.
    pub fn prepare(&mut self, action: &Action) -> Result<Job, CannotLook> {
        let id = action.socket.id;
        let own_kind = match &*action.op {
            Op::Open(open) => open.kind,
            Op::SocketOf(_) | Op::EpollCreate(_) => Kind::Tcp4,
            _ => self.slot(id)?.kind.unwrap_or(Kind::Tcp4),
        };
        let (to, path) = match target(&action.op) {
            Some(address) => self.resolve(address, own_kind)?,
            None => (None, None),
        };
        let wants_local = match &*action.op {
            Op::State(_) | Op::Wait(_) => own_kind.is_tcp(),
            // The last moment at which it can be asked, and the name keeps it.
            Op::Close(_) => true,
            _ => false,
        };
        if wants_local {
            self.learn_local(id);
        }
        let command = match &*action.op {
            Op::StartProgram(start) => self.command(start.run.as_ref())?,
            _ => Vec::new(),
        };
        let mut passed = Ok(Vec::new());
        action.op.visit(&mut |used| {
            if let (Use::Socket(name), Ok(sockets)) = (used, &mut passed) {
                match self.slot(name.id).ok().and_then(|slot| slot.socket.clone()) {
                    Some(socket) => sockets.push(socket),
                    None => passed = Err(CannotLook(format!("`{}` is not open", name.text))),
                }
            }
        });
        if matches!(&*action.op, Op::Connect(_)) {
            // Noted before the call: a connection that is still to come has a state as well.
            if let Some(slot) = self.slots.get_mut(usize::from(id.0)) {
                slot.remote = to;
            }
        }
        let is_close = matches!(&*action.op, Op::Close(_));
        // A library closes what nobody owns any longer, where the call is made: not here.
        let layer = match self.slots.get_mut(usize::from(id.0)) {
            Some(slot) if is_close => slot.layer.take(),
            Some(slot) => slot.layer.clone(),
            None => None,
        };
        let slot = self.slot(id)?;
        if let (Some(socket), Some(to), true) = (&slot.socket, &to, !own_kind.is_tcp()) {
            stays_here(&action.op, socket, to)?;
        }
        Ok(Job {
            op: Arc::clone(&action.op),
            socket_id: id,
            socket: slot.socket.clone(),
            layer,
            kind: own_kind,
            blocking: slot.blocking,
            to,
            path,
            local: slot.local,
            remote: slot.remote,
            passed: passed?,
            peer: slot.peer.clone(),
            command,
            program: slot.program.clone(),
            sofar: Sofar::default(),
        })
    }

    /// Notes what an operation changed about addresses.
    pub fn note(&mut self, job: &Job, answer: &Answer) {
        let Some(slot) = self.slots.get_mut(usize::from(job.socket_id.0)) else { return };
        match (&*job.op, answer.end) {
            (Op::Connect(_) | Op::Bind(_), End::Ok) => {
                slot.local = None;
                self.note_port(job.socket_id);
            }
            (Op::Listen(_) | Op::SendTo(_) | Op::SendMsg(_), End::Ok) => {
                self.note_port(job.socket_id);
            }
            (Op::Close(close), _) => {
                slot.socket = (close.stale == Some(true)).then(|| Arc::new(Socket::never_open()));
            }
            (Op::StartProgram(_), _) => {
                slot.program.clone_from(&job.program);
                slot.local = answer.address;
            }
            _ => {}
        }
    }

    /// Gives the new sockets of an operation their names.
    pub fn open(&mut self, job: &Job, opened: Vec<Opened>) -> Result<(), CannotLook> {
        let mut ids: Vec<SocketId> = Vec::new();
        if matches!(&*job.op, Op::Open(_) | Op::Pair(_) | Op::SocketOf(_) | Op::EpollCreate(_)) {
            ids.push(job.socket_id);
        }
        job.op.visit(&mut |used| {
            if let Use::Opens(name) = used {
                ids.push(name.id);
            }
        });
        for (id, new) in ids.into_iter().zip(opened) {
            let slot = self.slots.get_mut(usize::from(id.0));
            let slot = slot.ok_or_else(|| CannotLook("a name without a slot".to_owned()))?;
            *slot = Slot {
                socket: Some(new.socket),
                layer: new.layer,
                kind: new.kind,
                blocking: new.blocking,
                local: None,
                remote: new.remote,
                peer: None,
                program: None,
            };
            // It may have been bound as it was opened.
            self.note_port(id);
        }
        Ok(())
    }

    /// Gives a peer's socket its name.
    pub fn adopt(
        &mut self,
        name: &Name,
        kind: Kind,
        socket: &Arc<Socket>,
        progress: &Arc<PeerProgress>,
    ) {
        if let Some(slot) = self.slots.get_mut(usize::from(name.id.0)) {
            slot.socket = Some(Arc::clone(socket));
            slot.kind = Some(kind);
            slot.peer = Some(Arc::clone(progress));
        }
    }

    /// Notes whom a peer connects to.
    pub fn connects(&mut self, name: &Name, to: Option<&sys::Address>) {
        if let Some(slot) = self.slots.get_mut(usize::from(name.id.0)) {
            slot.remote = to.copied();
        }
    }

    /// The name of that number.
    pub fn text(&self, id: u64) -> &str {
        let text = usize::try_from(id).ok().and_then(|index| self.texts.get(index));
        text.map_or("somebody", String::as_str)
    }

    /// Every open socket but those of `others`, with its kind.
    pub fn open_sockets(&self, others: &[SocketId]) -> Vec<(Arc<Socket>, Kind)> {
        let slots = self.slots.iter().enumerate();
        let ours = slots.filter(|(index, _)| !others.iter().any(|id| usize::from(id.0) == *index));
        ours.filter_map(|(_, slot)| Some((Arc::clone(slot.socket.as_ref()?), slot.kind?))).collect()
    }

    /// What each program printed last, and how it fares, by its name.
    pub fn programs(&self) -> Vec<(String, String)> {
        let slots = self.texts.iter().zip(&self.slots);
        let tell = |(name, slot): (&String, &Slot)| {
            let mut program = slot.program.as_ref()?.lock().ok()?;
            Some((name.clone(), format!("{}{}", program.status(), program.output())))
        };
        slots.filter_map(tell).collect()
    }

    /// Asks a socket for its local address, where it is not known yet.
    pub fn learn_local(&mut self, id: SocketId) {
        let Some(slot) = self.slots.get_mut(usize::from(id.0)) else { return };
        if slot.local.is_none()
            && let Some(local) = slot.socket.as_ref().and_then(|socket| socket.local_addr().ok())
            && is_bound(&local)
        {
            slot.local = Some(local);
        }
    }

    /// Notes the port that a socket has now, for the run. The name learns its address when it is used,
    /// which may be later and another.
    pub fn note_port(&mut self, id: SocketId) {
        let slot = self.slots.get(usize::from(id.0));
        let asked =
            slot.and_then(|slot| Some((slot.kind?, slot.socket.as_ref()?.local_addr().ok()?)));
        if let Some((kind, local)) = asked.filter(|(_, local)| is_bound(local)) {
            self.ports.note(kind, &local);
        }
    }

    /// Notes an address that the run has for itself.
    pub fn takes(&mut self, kind: Kind, address: &sys::Address) {
        self.ports.note(kind, address);
    }

    /// Whether another run of this process has one of these ports.
    pub fn share_a_port(&self) -> bool {
        self.ports.are_shared()
    }

    /// The address that a name stands for.
    fn address_of(&mut self, name: &Name) -> Result<sys::Address, CannotLook> {
        self.learn_local(name.id);
        self.slot(name.id)?
            .local
            .ok_or_else(|| CannotLook(format!("`{}` has no address", name.text)))
    }

    /// An address as written into a live one, for a socket of `kind`.
    pub fn resolve(
        &mut self,
        address: &Address,
        kind: Kind,
    ) -> Result<(Option<sys::Address>, Option<PathBuf>), CannotLook> {
        let live = match address {
            Address::Of(name) => {
                let live = reachable(&self.address_of(name)?, kind);
                // getsockname counts a NUL behind a full sun_path that connect then refuses.
                live.unix_path().map_or(live, |path| sys::Address::from_path(&path))
            }
            Address::Inet(host, port) => {
                let port = match port {
                    Port::Zero => 0,
                    Port::Of(name) => self.port_of(name)?,
                };
                sys::Address::from(SocketAddr::new(ip(*host, kind), port))
            }
            Address::Path { name, length } => {
                let path = self.path(name, *length)?;
                return Ok((Some(sys::Address::from_path(&path)), Some(path)));
            }
            Address::Abstract { name, length } => {
                sys::Address::from_abstract(&self.abstract_name(name, *length)?)
            }
            Address::Autobind => sys::Address::unnamed(),
            Address::Altered { of, length, family } => {
                let (live, path) = self.resolve(of, kind)?;
                let live = live.map(|live| family.map_or(live, |family| live.with_family(family)));
                let live = live.map(|live| length.map_or(live, |length| live.with_len(length)));
                return Ok((live, path));
            }
            Address::Unspecified => sys::Address::unspecified(),
        };
        Ok((Some(live), live.unix_path()))
    }

    /// The words of a command, with live addresses in them.
    fn command(&mut self, run: Option<&CommandLine>) -> Result<Vec<String>, CannotLook> {
        let Some(run) = run else { return Ok(Vec::new()) };
        run.filled(|one| match one {
            Placeholder::Path(name) => Ok(self.path(name, None)?.display().to_string()),
            Placeholder::Addr(text) | Placeholder::Port(text) => {
                let index = self.texts.iter().position(|name| name == text);
                let id = index.and_then(|index| u16::try_from(index).ok()).map(SocketId);
                let id = id.ok_or_else(|| CannotLook(format!("nobody is named `{text}`")))?;
                let name = Name { id, text: text.into() };
                let live = self.address_of(&name)?;
                let kind = self.slot(id)?.kind.unwrap_or(Kind::Tcp4);
                match (one, reachable(&live, kind).as_socket(), live.unix_path()) {
                    (Placeholder::Port(_), Some(address), _) => Ok(address.port().to_string()),
                    (Placeholder::Addr(_), Some(address), _) => Ok(address.to_string()),
                    (Placeholder::Addr(_), None, Some(path)) => Ok(path.display().to_string()),
                    _ => Err(CannotLook(format!("`{text}` has no port"))),
                }
            }
        })
    }

    fn port_of(&mut self, name: &Name) -> Result<u16, CannotLook> {
        let address = self.address_of(name)?.as_socket();
        address
            .map(|address| address.port())
            .ok_or_else(|| CannotLook(format!("`{}` has no port", name.text)))
    }

    /// What makes the name this run's own comes first, so that it is never cut.
    fn abstract_name(&self, name: &str, length: Option<usize>) -> Result<Vec<u8>, CannotLook> {
        let mut bytes = format!("sockdrill-{:016x}-", self.key).into_bytes();
        let own = bytes.len();
        bytes.extend(name.as_bytes());
        match length {
            Some(length) if length <= own => Err(CannotLook(format!(
                "an abstract name of {length} bytes is no longer than the run's own {own}"
            ))),
            Some(length) => {
                bytes.resize(length, b'x');
                Ok(bytes)
            }
            None => Ok(bytes),
        }
    }

    fn path(&mut self, name: &str, length: Option<usize>) -> Result<PathBuf, CannotLook> {
        if self.folder.is_none() {
            // The process's number tells whoever finds one whether it is still in use.
            let prefix = format!("sockdrill-{}-", std::process::id());
            self.folder = tempfile::Builder::new().prefix(&prefix).tempdir().ok();
        }
        let folder = self.folder.as_ref();
        let folder =
            folder.ok_or_else(|| CannotLook("no temporary folder can be made".to_owned()))?;
        let before = folder.path().as_os_str().len() + 1;
        let length = match length {
            None => None,
            Some(length) => Some(length.checked_sub(before).ok_or_else(|| {
                CannotLook(format!(
                    "a path of {length} bytes is shorter than the folder's own {before}"
                ))
            })?),
        };
        Ok(folder.path().join(padded(name.to_owned(), length)))
    }

    /// Puts `{addr:NAME}` in the place of each address that a program has printed.
    pub fn put_names(&mut self, printed: &mut Vec<u8>) {
        let Ok(mut text) = String::from_utf8(printed.clone()) else { return };
        for index in 0..self.slots.len() {
            let Ok(id) = u16::try_from(index) else { return };
            self.learn_local(SocketId(id));
            let local = self.slots[index].local.as_ref();
            let Some(local) = local.and_then(sys::Address::as_socket) else { continue };
            let (local, name) = (local.to_string(), format!("{{addr:{}}}", self.texts[index]));
            let mut from = 0;
            while let Some(at) = text[from..].find(&local).map(|at| from + at) {
                let end = at + local.len();
                from = end;
                // Of a longer port, it is but the beginning.
                if !text[end..].starts_with(|c: char| c.is_ascii_digit()) {
                    text.replace_range(at..end, &name);
                    from = at + name.len();
                }
            }
        }
        *printed = text.into_bytes();
    }

    /// The name of a live address.
    pub fn name_of(&mut self, address: &sys::Address) -> String {
        if address.is_unnamed() {
            return "unnamed".to_owned();
        }
        if let Some(name) = self.find(address) {
            return name;
        }
        match address.as_socket() {
            Some(address) => self.name_of_inet(address),
            None => "an address of nobody here".to_owned(),
        }
    }

    /// The first name with this very address.
    fn find(&mut self, address: &sys::Address) -> Option<String> {
        for index in 0..self.slots.len() {
            self.learn_local(SocketId(u16::try_from(index).ok()?));
        }
        let found = self.slots.iter().position(|slot| slot.local.as_ref() == Some(address))?;
        let unspecified = address.as_socket().is_some_and(|address| address.ip().is_unspecified());
        let name = &self.texts[found];
        Some(if unspecified { format!("any:{name}") } else { name.clone() })
    }

    fn name_of_inet(&self, address: SocketAddr) -> String {
        if let IpAddr::V6(ip) = address.ip()
            && let Some(mapped) = ip.to_ipv4_mapped()
        {
            let name = self.name_of_inet(SocketAddr::new(IpAddr::V4(mapped), address.port()));
            return format!("{name} (v4-mapped)");
        }
        let locals =
            self.slots.iter().map(|slot| slot.local.as_ref().and_then(sys::Address::as_socket));
        let exact = locals.clone().position(|local| local == Some(address));
        let same_port = |local: Option<SocketAddr>| {
            local.is_some_and(|local| local.ip().is_unspecified() && local.port() == address.port())
        };
        let host = show_host(address.ip());
        if let Some(index) = exact.or_else(|| locals.clone().position(same_port)) {
            return self.texts[index].clone();
        }
        if address.port() == 0 { format!("{host}:0") } else { format!("{host}:*") }
    }
}

/// The address that the operation's arguments name.
fn target(op: &Op) -> Option<&Address> {
    match op {
        Op::Open(op) => {
            let local = op.listen.as_ref().or(op.bind.as_ref());
            local.map(|to| &to.0).or(op.connect.as_ref())
        }
        Op::Bind(op) => Some(&op.to.0),
        Op::Connect(op) => Some(&op.to),
        Op::SendTo(op) => Some(&op.to),
        Op::SendMsg(op) => op.to.as_ref(),
        Op::Unlink(op) => Some(&op.path),
        _ => None,
    }
}

/// Filled up with `x`, or cut, to `length` bytes.
fn padded(name: String, length: Option<usize>) -> String {
    match length {
        None => name,
        Some(length) => {
            let mut name = name;
            name.truncate(length);
            let missing = length - name.len();
            name + &"x".repeat(missing)
        }
    }
}
