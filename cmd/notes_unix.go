//go:build unix

package cmd

import (
	"encoding/binary"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"asof/replay"
	"asof/replay/fold/js"
)

// Notes are what the scripts of a process are doing, in memory that outlives it: a
// file without a name, which both processes have. It is a word that tells that the
// program has ended by itself, and a slot for each script.
type notes struct {
	mem   []byte
	taken atomic.Int32 // slots
}

const (
	slotSize  = 512
	slots     = 128
	notesSize = slotSize * (slots + 1)
	nameSize  = 150 // bytes that a slot has for a name
)

// notesFile makes the file, on a disk that is memory if there is one. It is
// written in full: a disk that is full must not show later.
func notesFile() (f *os.File, err error) {
	for _, dir := range []string{"/dev/shm", os.TempDir()} {
		if f, err = os.CreateTemp(dir, "asof-*"); err != nil {
			continue
		}
		_ = os.Remove(f.Name()) // it is used by those who have it open
		if _, err = f.Write(make([]byte, notesSize)); err == nil {
			return f, nil
		}
		_ = f.Close()
	}
	return nil, err
}

func openNotes(f *os.File) (*notes, error) {
	mem, err := syscall.Mmap(int(f.Fd()), 0, notesSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return &notes{mem: mem}, f.Close()
}

func word(b []byte) *uint32 { return (*uint32)(unsafe.Pointer(unsafe.SliceData(b))) }

// ended notes that the program ends by itself.
func (n *notes) ended() { atomic.StoreUint32(word(n.mem), 1) }

// of returns the slot of one script. Where there are more of them than anyone has,
// the last are not noted.
func (n *notes) of(script string) js.Running {
	i := int(n.taken.Add(1))
	if i > slots {
		return nil
	}
	s := slot(n.mem[i*slotSize : (i+1)*slotSize])
	s.setText(0, script)
	return s
}

// A slot is a word that tells whether the script runs, the version of its event,
// and the names of the script, the stream and the event's type.
type slot []byte

const versionAt, textsAt = 8, 16

func (s slot) text(i int) []byte { return s[textsAt+i*(nameSize+2) : textsAt+(i+1)*(nameSize+2)] }

func (s slot) setText(i int, text string) {
	b := s.text(i)
	n := copy(b[2:], text)
	binary.NativeEndian.PutUint16(b, uint16(n))
}

func (s slot) textAt(i int) string {
	b := s.text(i)
	return string(b[2 : 2+min(binary.NativeEndian.Uint16(b), nameSize)])
}

const (
	rests uint32 = iota
	runsBefore
	runsAt
)

// Enter implements [js.Running].
func (s slot) Enter(ev *replay.Event) {
	state := runsBefore
	if ev != nil {
		binary.NativeEndian.PutUint64(s[versionAt:], uint64(ev.Version))
		s.setText(1, string(ev.Stream))
		s.setText(2, ev.Type)
		state = runsAt
	}
	atomic.StoreUint32(word(s), state)
}

// Leave implements [js.Running].
func (s slot) Leave() { atomic.StoreUint32(word(s), rests) }

// readNotes returns whether the program has ended by itself, and what was running
// if not.
func readNotes(f *os.File) (ended bool, running []replay.FoldError, err error) {
	mem := make([]byte, notesSize)
	if _, err := f.ReadAt(mem, 0); err != nil {
		return false, nil, err
	}
	for i := range slots {
		s := slot(mem[(i+1)*slotSize : (i+2)*slotSize])
		failed := replay.FoldError{By: s.textAt(0)}
		switch *word(s) {
		case rests:
			continue
		case runsAt:
			v := replay.Version(binary.NativeEndian.Uint64(s[versionAt:]))
			failed.At = replay.Moment{Stream: s.textAt(1), EventType: s.textAt(2)}.WithVersion(v)
		}
		running = append(running, failed)
	}
	return *word(mem) != 0, running, nil
}
