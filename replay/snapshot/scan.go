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

// A scan's file is a header and the compressed answer. The checksum covers the answer
// and the folder's name, so a file that was moved is not used for another question.
const (
	scanFile       = "scan"
	scanMagic      = "asofsc1\n"
	scanSumAt      = len(scanMagic) + proofSize
	scanHeaderSize = scanSumAt + sha256.Size
)

// A Scan keeps the last answer to one question about all streams of a store, to
// resume from.
type Scan struct {
	folder
	proof proof // for the store's present content
}

// Scan returns the scan for a question about the store that r reads, or nil if its
// answer must not be kept. The question must include everything except the events
// that the answer depends on.
func (c *Cache) Scan(r replay.Reader, question []string, about About) *Scan {
	f, ok := r.(replay.Fingerprinter)
	if !ok || !r.Info().Has("positions") {
		return nil
	}
	print, ok := f.Fingerprint()
	if !ok {
		return nil
	}
	key := newKey("scan", c.o.Release, print.Store)
	key.add(question...)
	about.Store = print.Path
	return &Scan{folder: c.folder(key, about), proof: proofOf(print.Content)}
}

func (s *Scan) path() string { return filepath.Join(s.dir, scanFile) }

// Load calls read with the kept answer, if there is one, and reports whether read
// succeeded. proved says that the store's content has not changed since the answer.
// Load drops a damaged answer.
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
	s.cache.o.Warn(fmt.Sprintf("a cached scan in %s was damaged and removed; all streams are folded again", s.cache.dir))
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

// sum starts a checksum.
func (s *Scan) sum() hash.Hash {
	h := sha256.New()
	h.Write([]byte(filepath.Base(s.dir))) // never fails
	return h
}

// Drop removes the kept answer.
func (s *Scan) Drop() { _ = os.Remove(s.path()) } // a file that remains is not used either

// Save keeps an answer, which replaces the previous one. It warns once if that
// fails.
func (s *Scan) Save(write func(io.Writer) error) {
	if s.cache.failed.Load() {
		return
	}
	n, err := s.save(write)
	switch {
	case errors.Is(err, errTooLarge):
		s.cache.o.Warn(fmt.Sprintf("the answer is not cached: it exceeds a quarter of the size limit of %s", s.cache.dir))
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
		_ = os.Remove(f.Name()) // Kept removes it later otherwise
	}
	return size, err
}

// fill writes the file. It compresses as it writes, since an answer may cover a
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

// summed writes to w up to a limit and adds the bytes to a checksum.
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
