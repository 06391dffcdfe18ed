package sqlite

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"

	"asof/replay/store/source"
	"asof/replay/store/table"
)

// Sizes in bytes of the header of a -wal, and of that of each frame, which holds one page.
const (
	walHeader   = 32
	frameHeader = 24

	walTries = 3 // until what looks damaged is not what a writer is about to write
)

// unreadCommits is what SQLite leaves out without an error: it ends a -wal at the first
// frame that is damaged, or that an earlier use of the file left there.
var unreadCommits = table.Omission{What: "commits of the -wal that can't be read", Lost: true, Anywhere: true}

// scanWAL notes whether a -wal has commits that SQLite leaves out. What looks
// damaged is read again before that is believed.
func (s *File) scanWAL(ctx context.Context, path string) error {
	for range walTries {
		unread, err := hasUnreadCommits(ctx, path)
		if err != nil || !unread {
			return err
		}
		time.Sleep(source.RacyAge)
	}
	s.leftOut = append(s.leftOut, unreadCommits)
	return nil
}

// A walScan follows the frames of a -wal as SQLite does.
type walScan struct {
	order  binary.ByteOrder
	salts  [8]byte
	sum    [2]uint32
	broken bool // a frame was not valid: SQLite has stopped before it
}

// hasUnreadCommits reports whether a -wal has commits that SQLite leaves out, for the file
// was damaged or cut short. A transaction that no commit ends was never part of the
// database.
func hasUnreadCommits(ctx context.Context, path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close() //nolint:errcheck // only read
	in := bufio.NewReaderSize(f, 1<<16)
	head := make([]byte, walHeader)
	switch n, err := io.ReadFull(in, head); {
	case n == 0 && errors.Is(err, io.EOF):
		return false, nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return true, nil
	case err != nil:
		return false, err
	}
	var s walScan
	page, ok := s.begin(head)
	if !ok {
		return true, nil
	}
	frame := make([]byte, frameHeader+page)
	for ctx.Err() == nil {
		n, err := io.ReadFull(in, frame)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return false, err
		}
		if s.isUnreadCommit(frame[:n], len(frame)) {
			return true, nil
		}
		if err != nil {
			return false, nil
		}
	}
	return false, ctx.Err()
}

// begin reads the header. It returns the size of a page, and whether the header is valid.
func (s *walScan) begin(head []byte) (page int, ok bool) {
	be := binary.BigEndian
	switch be.Uint32(head) {
	case 0x377f0682:
		s.order = binary.LittleEndian
	case 0x377f0683:
		s.order = be
	default:
		return 0, false
	}
	page = int(be.Uint32(head[8:]))
	copy(s.salts[:], head[16:])
	s.add(head[:24])
	return page, page >= 512 && page <= 65536 && page&(page-1) == 0 && s.is(head[24:])
}

// isUnreadCommit reports whether a frame, which may be cut short, ends a transaction of
// this use of the file and is not read.
func (s *walScan) isUnreadCommit(frame []byte, size int) bool {
	// An earlier use had another first salt, and another second one.
	if len(frame) < frameHeader || !bytes.Equal(frame[8:12], s.salts[:4]) && !bytes.Equal(frame[12:16], s.salts[4:]) {
		s.broken = true
		return false
	}
	if !s.broken && len(frame) == size && bytes.Equal(frame[8:16], s.salts[:]) {
		s.add(frame[:8])
		s.add(frame[frameHeader:])
		s.broken = !s.is(frame[16:])
	} else {
		s.broken = true
	}
	return s.broken && binary.BigEndian.Uint32(frame[4:]) != 0
}

// add adds bytes, a multiple of 8, to the checksum.
func (s *walScan) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		s.sum[0] += s.order.Uint32(b) + s.sum[1]
		s.sum[1] += s.order.Uint32(b[4:]) + s.sum[0]
	}
}

// is reports whether the checksum is the one at the beginning of b.
func (s *walScan) is(b []byte) bool {
	return binary.BigEndian.Uint32(b) == s.sum[0] && binary.BigEndian.Uint32(b[4:]) == s.sum[1]
}
