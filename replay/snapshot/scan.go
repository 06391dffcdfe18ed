package snapshot

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"asof/replay"
)

// A file of a scan is a header and what was found, compressed. The sum is over
// the latter, and over where the file belongs: one that was moved is not taken for
// the answer to another question.
const (
	scanFile       = "scan"
	scanMagic      = "asofsc1\n"
	scanSumAt      = len(scanMagic) + proofSize
	scanHeaderSize = scanSumAt + sha256.Size
)

// A Scan keeps what one question about all streams of a store came to: the last
// answer, to go on from.
type Scan struct {
	drawer
	proof proof // for the content that the store has now
}

// Scan returns where the answer to a question about the store that r reads is
// kept, or nil where it must not be. The question is all that the answer depends
// on, but the events: the same question is answered the same.
func (c *Cache) Scan(r replay.Reader, question []string, about About) *Scan {
	f, ok := r.(replay.Fingerprinter)
	if !ok || !r.Info().HasPositions {
		return nil
	}
	print, ok := f.Fingerprint()
	if !ok {
		return nil
	}
	key := newKey("scan", c.o.Release, print.Store)
	key.add(question...)
	about.Store = print.Path
	return &Scan{drawer: c.drawer(key, about), proof: proofOf(print.Content)}
}

func (s *Scan) path() string { return filepath.Join(s.dir, scanFile) }

// Load has the answer that is kept read, if there is one, and reports whether
// that went well. proved is that the store is known to still hold what it was
// found in. What is damaged is dropped.
func (s *Scan) Load(read func(found io.Reader, proved bool) error) bool {
	f, err := os.Open(s.path())
	if err != nil {
		return false
	}
	err = s.load(f, read)
	if err = errors.Join(err, f.Close()); err == nil {
		s.touch()
		return true
	}
	s.Drop()
	s.cache.o.Warn(fmt.Sprintf("the scan kept in %s was damaged: it is dropped, and all streams are folded again", s.cache.dir))
	return false
}

func (s *Scan) load(f *os.File, read func(io.Reader, bool) error) error {
	head := make([]byte, scanHeaderSize)
	if _, err := io.ReadFull(f, head); err != nil {
		return err
	}
	sum := s.sum()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if string(head[:len(scanMagic)]) != scanMagic || !bytes.Equal(head[scanSumAt:], sum.Sum(nil)) {
		return errDamaged
	}
	if _, err := f.Seek(int64(scanHeaderSize), io.SeekStart); err != nil {
		return err
	}
	dec, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer dec.Close()
	proved := s.proof != proof{} && proof(head[len(scanMagic):scanSumAt]) == s.proof
	return read(dec, proved)
}

// sum begins a sum.
func (s *Scan) sum() hash.Hash {
	h := sha256.New()
	h.Write([]byte(filepath.Base(s.dir))) // a hash takes all
	return h
}

// Drop forgets the answer that is kept.
func (s *Scan) Drop() { _ = os.Remove(s.path()) } // what stays is not believed either

// Save keeps an answer, in the place of the one before. Where that can't be, the
// user is told, once.
func (s *Scan) Save(write func(io.Writer) error) {
	if s.cache.failed.Load() {
		return
	}
	n, err := s.save(write)
	switch {
	case errors.Is(err, errTooLarge):
		s.cache.o.Warn(fmt.Sprintf("what was found is not kept: it is more than a quarter of what %s may hold", s.cache.dir))
	case err != nil:
		s.cache.fail(err)
	default:
		s.cache.wrote.Add(n)
		s.touch()
	}
}

func (s *Scan) save(write func(io.Writer) error) (size int64, err error) {
	if err := s.make(); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(s.dir, ".new-*")
	if err != nil {
		return 0, err
	}
	size, err = s.fill(f, write)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), s.path())
	}
	if err != nil {
		_ = os.Remove(f.Name()) // else it is swept up later
	}
	return size, err
}

// fill writes the file. It is compressed on its way, for an answer may be about a
// million streams.
func (s *Scan) fill(f *os.File, write func(io.Writer) error) (size int64, err error) {
	head := append(append([]byte(scanMagic), s.proof[:]...), make([]byte, sha256.Size)...)
	if _, err := f.Write(head); err != nil {
		return 0, err
	}
	out := &summed{w: f, sum: s.sum(), room: s.cache.o.Limit / 4}
	enc, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		return 0, err
	}
	if err := errors.Join(write(enc), enc.Close()); err != nil {
		return 0, err
	}
	_, err = f.WriteAt(out.sum.Sum(nil), int64(scanSumAt))
	return int64(len(head)) + out.n, err
}

var errTooLarge = errors.New("it is too large")

// summed passes on what is written, as long as there is room, and sums it up.
type summed struct {
	w       io.Writer
	sum     hash.Hash
	n, room int64
}

func (s *summed) Write(b []byte) (int, error) {
	if s.n += int64(len(b)); s.n > s.room {
		return 0, errTooLarge
	}
	s.sum.Write(b)
	return s.w.Write(b)
}
