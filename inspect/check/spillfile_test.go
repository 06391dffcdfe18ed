package check

import (
	"bytes"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// TestSpillFile puts and takes at random.
func TestSpillFile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, err := newSpillFile()
		if err != nil {
			rt.Fatal(err)
		}
		defer s.close()
		type kept struct {
			at SpillRef
			b  []byte
		}
		var all []kept
		var live, most int64
		for range rapid.IntRange(0, 60).Draw(rt, "steps") {
			if len(all) == 0 || rapid.Bool().Draw(rt, "put") {
				b := bytes.Repeat([]byte{byte(len(all))}, rapid.IntRange(1, 300).Draw(rt, "size"))
				at, err := s.Put(b)
				if err != nil {
					rt.Fatal(err)
				}
				all = append(all, kept{at, b})
				live += int64(1) << sizeClass(len(b))
				most = max(most, live)
				continue
			}
			i := rapid.IntRange(0, len(all)-1).Draw(rt, "which")
			got, err := s.Take([]byte("x"), all[i].at)
			if err != nil || !bytes.Equal(got[1:], all[i].b) || got[0] != 'x' {
				rt.Fatalf("%q, %v, want %q", got, err, all[i].b)
			}
			live -= int64(1) << sizeClass(len(all[i].b))
			all = append(all[:i], all[i+1:]...)
		}
		if s.end > 10*most+512 {
			rt.Fatalf("the file has %d bytes for %d", s.end, most)
		}
	})
}

// TestSpillLeavesNothing checks that a spill leaves no file.
func TestSpillLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := newSpillFile()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put([]byte("state")); err != nil {
		t.Fatal(err)
	}
	s.close()
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}
