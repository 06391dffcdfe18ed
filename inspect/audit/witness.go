package audit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"asof/replay"
	"asof/replay/fault"
)

// witness compares the log with the last checkpoint that the witness saw. Like a
// C2SP tlog-witness, it keeps that checkpoint and requires the next one to be
// consistent with it.
func (s *Seal) witness(l *sealLog, old *Checkpoint, v *Verified) error {
	if s.Witness == "" {
		return nil
	}
	if rel, err := filepath.Rel(l.dir, s.Witness); err == nil && filepath.IsLocal(rel) {
		return &replay.StoreError{Path: s.Witness, Op: "open", Err: errors.New("it is in the folder of the log"), Next: fault.Try("keep the witness out of reach of those who can write to the log")}
	}
	text, err := readSmall(s.Witness, maxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var c *Checkpoint
	if err == nil {
		var key Verifier
		if key, err = ParseVerifier(s.Key.vkey); err == nil {
			c, err = OpenCheckpoint(text, key)
		}
	}
	if err != nil {
		return &replay.StoreError{Path: s.Witness, Op: "open", Err: err, Next: fault.Try("name the file of an earlier witness, or one that does not exist yet")}
	}
	if c.Size > old.Size {
		v.find(RolledBack, sealLogName, "the witness", "it saw %s, but the log has %d: the log was started over or rolled back", replay.Counted(c.Size, "leaf", "leaves"), old.Size)
		return nil
	}
	l.earlier = append(l.earlier, earlierRoot{"the witness", c.Size, c.Root})
	return nil
}

// updateWitness writes the newest checkpoint to the witness.
func (s *Seal) updateWitness(text []byte) error {
	if s.Witness == "" {
		return nil
	}
	if last, err := readSmall(s.Witness, maxCheckpoint); err == nil && string(last) == string(text) {
		return nil
	}
	dir, name := filepath.Split(s.Witness)
	if dir == "" {
		dir = "."
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return writeError(s.Witness, errors.Join(err, errors.New("its folder does not exist")))
	}
	return (&sealLog{dir: dir}).write(strings.TrimPrefix(name, "/"), text)
}
