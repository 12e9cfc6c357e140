//! The errors that macOS has and Linux has not: that the table has their numbers.
//!
//! Nothing here is called.

use crate::sys::unix::errno::agrees;

const _: () = assert!(agrees(&[
    ("EPROCLIM", libc::EPROCLIM),
    ("EBADRPC", libc::EBADRPC),
    ("ERPCMISMATCH", libc::ERPCMISMATCH),
    ("EPROGUNAVAIL", libc::EPROGUNAVAIL),
    ("EPROGMISMATCH", libc::EPROGMISMATCH),
    ("EPROCUNAVAIL", libc::EPROCUNAVAIL),
    ("EFTYPE", libc::EFTYPE),
    ("EAUTH", libc::EAUTH),
    ("ENEEDAUTH", libc::ENEEDAUTH),
    ("EPWROFF", libc::EPWROFF),
    ("EDEVERR", libc::EDEVERR),
    ("EBADEXEC", libc::EBADEXEC),
    ("EBADARCH", libc::EBADARCH),
    ("ESHLIBVERS", libc::ESHLIBVERS),
    ("EBADMACHO", libc::EBADMACHO),
    ("ENOATTR", libc::ENOATTR),
    ("ENOPOLICY", libc::ENOPOLICY),
    ("EQFULL", libc::EQFULL),
    ("ENOTCAPABLE", libc::ENOTCAPABLE),
]));
