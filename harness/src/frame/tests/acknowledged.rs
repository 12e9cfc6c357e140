//! The two ends of `frame/acknowledged.rs` against each other, in memory, however the bytes are
//! divided; and what each does with what it should not get.

use proptest::collection::vec;
use proptest::prelude::*;
use rstest::rstest;

use super::super::acknowledged::{ACK, Receiver, Sender, Turn};
use super::super::laws::pieces;
use super::super::{FrameError, Framing};

/// Everything that a sender wrote, how often it waited, and what came out at the other end.
fn pass(frame: &[u8], sizes: &[u8]) -> (Vec<u8>, usize, Vec<u8>) {
    let (mut sender, mut receiver) = (Sender::new(frame).unwrap(), Receiver::new(frame.len()));
    let (mut wire, mut waits) = (Vec::new(), 0);
    loop {
        match sender.turn() {
            Turn::Send(bytes) => {
                wire.extend_from_slice(&bytes);
                for piece in pieces(&bytes, sizes) {
                    let Turn::Receive(most) = receiver.turn() else { panic!("{receiver:?}") };
                    assert!(most >= piece.len(), "never a byte beyond its turn");
                    receiver.received(piece).unwrap();
                }
            }
            Turn::Receive(most) => {
                assert_eq!((most, receiver.turn()), (1, Turn::Send(vec![ACK])));
                waits += 1;
                sender.received(&[ACK]).unwrap();
            }
            Turn::Done(()) => break,
        }
    }
    let Turn::Done(frame) = receiver.turn() else { panic!("{receiver:?}") };
    assert_eq!((sender.finish(), receiver.finish()), (Ok(()), Ok(())));
    (wire, waits, frame)
}

/// Its price: the bytes are those of `u32be`, which never waits.
#[test]
fn a_message_costs_a_round_trip_and_no_byte() {
    proptest!(|(frame in vec(any::<u8>(), 0..300), sizes in vec(1..20u8, 0..4))| {
        let mut plain = Vec::new();
        Framing::parse("u32be").unwrap().encode(&frame, &mut plain).unwrap();
        prop_assert_eq!(pass(&frame, &sizes), (plain, 1, frame));
    });
}

#[test]
fn a_length_over_the_limit_is_not_acknowledged() {
    let mut receiver = Receiver::new(1024);
    let refused = FrameError::TooLong { announced: u32::MAX.into(), limit: 1024 };
    assert_eq!(receiver.received(&[0xff; 4]), Err(refused.clone()));
    assert_eq!(receiver.finish(), Err(refused));
}

#[test]
fn the_end_of_the_stream_is_truncated_at_every_byte() {
    let wire = b"\0\0\0\x02ls";
    for cut in 0..=wire.len() {
        let mut receiver = Receiver::new(1024);
        receiver.received(&wire[..cut.min(4)]).unwrap();
        if cut >= 4 {
            assert_eq!(receiver.turn(), Turn::Send(vec![ACK]));
            receiver.received(&wire[4..cut]).unwrap();
        }
        let whole = cut == 0 || cut == wire.len();
        assert_eq!(receiver.finish().is_ok(), whole, "cut at {cut}");
    }
}

#[test]
fn data_that_did_not_wait_is_refused() {
    let early = FrameError::BadAcknowledgement("2 bytes of data before it".into());
    assert_eq!(Receiver::new(1024).received(b"\0\0\0\x02ls"), Err(early));
}

#[rstest]
#[case(b"ready", "ready")]
#[case(&[ACK, ACK], r"\x06\x06")]
#[case(b"\x15", r"\x15")]
fn what_is_no_acknowledgement_is_refused(#[case] came: &[u8], #[case] shown: &str) {
    let mut sender = Sender::new(b"ls").unwrap();
    let refused = Err(FrameError::BadAcknowledgement(shown.into()));
    assert_eq!(sender.received(&[ACK]), Err(FrameError::BadAcknowledgement(r"\x06".into())));
    sender.turn();
    assert_eq!(sender.received(came), refused);
    assert_eq!(sender.finish(), Err(FrameError::Truncated { have: 0, need: 1 }));
}
