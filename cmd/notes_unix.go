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

// notes record what the scripts of a process are doing, in memory that outlives it: an
// unlinked file that parent and child both map or read. The first word is 1 once the
// program has exited normally; a slot for each script follows.
type notes struct {
	mem   []byte
	taken atomic.Int32 // slots in use
}

const (
	slotSize  = 512
	slots     = 128
	notesSize = slotSize * (slots + 1)
	nameSize  = 150 // bytes for each name in a slot
)

// notesFile creates the file, in shared memory where the system has it. It writes the
// whole file at once: a full disk must fail here, not when a note is written.
func notesFile() (f *os.File, err error) {
	for _, dir := range []string{"/dev/shm", os.TempDir()} {
		if f, err = os.CreateTemp(dir, "asof-*"); err != nil {
			continue
		}
		_ = os.Remove(f.Name()) // both processes have it open
		if _, err = f.Write(make([]byte, notesSize)); err == nil {
			return f, nil
		}
		_ = f.Close()
	}
	return nil, err
}

// openNotes maps the file and closes it.
func openNotes(f *os.File) (*notes, error) {
	mem, err := syscall.Mmap(int(f.Fd()), 0, notesSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return &notes{mem: mem}, f.Close()
}

// word returns the first four bytes of b for atomic access.
func word(b []byte) *uint32 { return (*uint32)(unsafe.Pointer(unsafe.SliceData(b))) }

// ended records that the program exits normally.
func (n *notes) ended() { atomic.StoreUint32(word(n.mem), 1) }

// of returns a new slot for a script. It returns nil when all slots are in use, and
// the script then runs without notes.
func (n *notes) of(script string) js.Running {
	i := int(n.taken.Add(1))
	if i > slots {
		return nil
	}
	s := slot(n.mem[i*slotSize : (i+1)*slotSize])
	s.setText(0, script)
	return s
}

// A slot holds the state of one script in a word, the version of its event, and three
// names: the script, the stream and the event type.
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
	idle          uint32 = iota
	runningBefore        // before the first event
	runningAt            // at an event
)

// Enter implements [js.Running].
func (s slot) Enter(ev *replay.Event) {
	state := runningBefore
	if ev != nil {
		binary.NativeEndian.PutUint64(s[versionAt:], uint64(ev.Version))
		s.setText(1, string(ev.Stream))
		s.setText(2, ev.Type)
		state = runningAt
	}
	atomic.StoreUint32(word(s), state)
}

// Leave implements [js.Running].
func (s slot) Leave() { atomic.StoreUint32(word(s), idle) }

// readNotes reports whether the program exited normally, and returns what its scripts
// were doing.
func readNotes(f *os.File) (ended bool, running []replay.FoldError, err error) {
	mem := make([]byte, notesSize)
	if _, err := f.ReadAt(mem, 0); err != nil {
		return false, nil, err
	}
	for i := range slots {
		s := slot(mem[(i+1)*slotSize : (i+2)*slotSize])
		failed := replay.FoldError{By: s.textAt(0)}
		switch *word(s) {
		case idle:
			continue
		case runningAt:
			v := replay.Version(binary.NativeEndian.Uint64(s[versionAt:]))
			failed.At = replay.Moment{Stream: s.textAt(1), EventType: s.textAt(2)}.WithVersion(v)
		}
		running = append(running, failed)
	}
	return *word(mem) != 0, running, nil
}
