//! Decoding and encoding, beside tokio-util's codecs and beside a bare copy of the stream.
//!
//! A chunk stands for what one receive gives, and copying it to a buffer for the receive: that is
//! what memcpy does and nothing else, what `u32be` and `line` do before they decode from there, and
//! what tokio-util's codecs need anyhow, whose buffer it is. "In place" decodes from the chunk where
//! it is: what is left then is the decoder's own work.
//!
//! `cargo bench -p sockdrill --bench frame`

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use bytes::{Bytes, BytesMut};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use sockdrill::frame::{self, Framing};
use tokio_util::codec::{Decoder, Encoder, LengthDelimitedCodec, LinesCodec};

const FRAMES: [usize; 4] = [16, 64, 1024, 64 * 1024];
const CHUNKS: [usize; 2] = [64 * 1024, 1];

/// The largest frame.
const LIMIT: usize = 1024 * 1024;

/// What one receive takes at most.
const BUFFER: usize = 64 * 1024;

/// What is written before it is sent: what tokio-util's `FramedWrite` gathers.
const WRITTEN: usize = 8 * 1024;

fn framing(name: &str) -> Framing {
    Framing::parse(name).expect("a name")
}

/// A stream of whole frames: 4 MiB, or 256 KiB to be read byte by byte.
fn stream(framing: &Framing, frame: usize, chunk: usize) -> Vec<u8> {
    let size = if chunk == 1 { 256 * 1024 } else { 4 * 1024 * 1024 };
    let (frame, mut stream) = (vec![b'x'; frame], Vec::new());
    while stream.len() < size {
        framing.encode(&frame, &mut stream).expect("a frame that fits");
    }
    stream
}

/// Receives chunks into a buffer and looks at each frame where it lies.
fn decode_ours(decoder: &mut frame::Decoder, buffer: &mut [u8], stream: &[u8], chunk: usize) {
    for piece in stream.chunks(chunk) {
        buffer[..piece.len()].copy_from_slice(piece);
        decode_in_place(decoder, &buffer[..piece.len()]);
    }
}

/// Looks at each frame where it lies, in chunks that are there already.
#[inline]
fn decode_in_place(decoder: &mut frame::Decoder, chunk: &[u8]) {
    let mut frames = decoder.frames(chunk);
    while let Some(frame) = frames.next().expect("frames") {
        black_box(frame);
    }
}

fn decode_theirs<D: Decoder>(codec: &mut D, buffer: &mut BytesMut, stream: &[u8], chunk: usize)
where
    D::Error: std::fmt::Debug,
{
    for piece in stream.chunks(chunk) {
        buffer.extend_from_slice(piece);
        while let Some(frame) = codec.decode(buffer).expect("frames") {
            black_box(frame);
        }
    }
}

fn copy(buffer: &mut [u8], stream: &[u8], chunk: usize) {
    for piece in stream.chunks(chunk) {
        buffer[..piece.len()].copy_from_slice(piece);
        black_box(&mut *buffer);
    }
}

fn group<'c>(c: &'c mut Criterion, name: &str, bytes: usize) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes as u64));
    group
}

fn decode(c: &mut Criterion) {
    let (length, line) = (framing("u32be"), framing("line"));
    for (chunk, frame) in CHUNKS.iter().flat_map(|&chunk| FRAMES.map(|frame| (chunk, frame))) {
        // Whole frames: a decoder that has read them all is as it was, and may read them again.
        let lengths = stream(&length, frame, chunk);
        let (mut buffer, mut theirs) = (vec![0; BUFFER], BytesMut::with_capacity(2 * BUFFER));
        let name = format!("decode, frames of {frame}, chunks of {chunk}");
        let mut group = group(c, &name, lengths.len());
        group.bench_function("memcpy", |b| b.iter(|| copy(&mut buffer, &lengths, chunk)));
        let mut decoder = length.decoder(LIMIT);
        group.bench_function("u32be", |b| {
            b.iter(|| decode_ours(&mut decoder, &mut buffer, &lengths, chunk));
        });
        group.bench_function("u32be, in place", |b| {
            b.iter(|| lengths.chunks(chunk).for_each(|chunk| decode_in_place(&mut decoder, chunk)));
        });
        group.bench_function("LengthDelimitedCodec", |b| {
            let mut codec = LengthDelimitedCodec::new();
            b.iter(|| decode_theirs(&mut codec, &mut theirs, &lengths, chunk));
        });
        let lines = stream(&line, frame, chunk);
        group.throughput(Throughput::Bytes(lines.len() as u64));
        let mut decoder = line.decoder(LIMIT);
        group.bench_function("line", |b| {
            b.iter(|| decode_ours(&mut decoder, &mut buffer, &lines, chunk));
        });
        group.bench_function("line, in place", |b| {
            b.iter(|| lines.chunks(chunk).for_each(|chunk| decode_in_place(&mut decoder, chunk)));
        });
        group.bench_function("LinesCodec", |b| {
            let mut codec = LinesCodec::new();
            b.iter(|| decode_theirs(&mut codec, &mut theirs, &lines, chunk));
        });
        group.finish();
    }
}

/// 4 MiB of frames, sent whenever the buffer is full.
fn encode(c: &mut Criterion) {
    for frame in FRAMES {
        let frame = vec![b'x'; frame];
        let count = 4 * 1024 * 1024 / frame.len();
        let mut group =
            group(c, &format!("encode, frames of {}", frame.len()), count * frame.len());
        for name in ["u32be", "line"] {
            let framing = framing(name);
            group.bench_function(format!("{name}, to a buffer"), |b| {
                let mut buffer = vec![0; WRITTEN.max(2 * frame.len())];
                b.iter(|| {
                    let mut room = &mut buffer[..];
                    for _ in 0..count {
                        if framing.encode(&black_box(&frame)[..], &mut room).is_err() {
                            room = black_box(&mut buffer);
                            framing.encode(&frame, &mut room).expect("a frame that fits");
                        }
                    }
                });
            });
            group.bench_function(name, |b| {
                let mut out = Vec::with_capacity(2 * WRITTEN);
                b.iter(|| {
                    for _ in 0..count {
                        framing.encode(black_box(&frame), &mut out).expect("a frame that fits");
                        if out.len() >= WRITTEN {
                            black_box(&mut out).clear();
                        }
                    }
                });
            });
        }
        group.bench_function("LengthDelimitedCodec", |b| {
            let (mut codec, bytes) = (LengthDelimitedCodec::new(), Bytes::from(frame.clone()));
            let mut out = BytesMut::with_capacity(2 * WRITTEN);
            b.iter(|| {
                for _ in 0..count {
                    codec.encode(black_box(&bytes).clone(), &mut out).expect("a frame that fits");
                    if out.len() >= WRITTEN {
                        black_box(&mut out).clear();
                    }
                }
            });
        });
        group.bench_function("LinesCodec", |b| {
            let (mut codec, text) = (LinesCodec::new(), String::from_utf8_lossy(&frame));
            let mut out = BytesMut::with_capacity(2 * WRITTEN);
            b.iter(|| {
                for _ in 0..count {
                    codec.encode(black_box(&text), &mut out).expect("a line");
                    if out.len() >= WRITTEN {
                        black_box(&mut out).clear();
                    }
                }
            });
        });
        group.finish();
    }
}

/// Frames of 16 bytes from a loopback connection that always has more to give: the reads alone, and
/// with every frame looked at.
fn receive(c: &mut Criterion) {
    const BYTES: usize = 16 * 1024 * 1024;
    let length = framing("u32be");
    let stream = stream(&length, 16, BUFFER);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind");
    let address = listener.local_addr().expect("getsockname");
    // Ends when the other end closes.
    let sender = thread::spawn(move || {
        let mut conn = TcpStream::connect(address).expect("connect");
        while conn.write_all(&stream).is_ok() {}
    });
    let (mut conn, _) = listener.accept().expect("accept");
    let (mut buffer, mut decoder) = (vec![0; BUFFER], length.decoder(LIMIT));
    let mut group = group(c, "receive, frames of 16", BYTES);
    for decoded in [true, false] {
        let name = if decoded { "reads, and u32be" } else { "reads" };
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut total = 0;
                while total < BYTES {
                    let length = conn.read(&mut buffer).expect("recv");
                    total += length;
                    if decoded {
                        decode_in_place(&mut decoder, &buffer[..length]);
                    }
                }
            });
        });
    }
    group.finish();
    drop(conn);
    sender.join().expect("the sender ends");
}

criterion_group!(benches, decode, encode, receive);
criterion_main!(benches);
