package cmd

import (
	"bytes"
	"os"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/check"
)

// TestSpillFile puts and takes at random.
func TestSpillFile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, err := newSpill()
		if err != nil {
			rt.Fatal(err)
		}
		defer s.close()
		type kept struct {
			at check.SpillRef
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

// TestSpillLeavesNothing looks for what a spill leaves behind.
func TestSpillLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := newSpill()
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

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"": 0, "1": 1, "500MB": 500 << 20, "2 GB": 2 << 30, "64KiB": 64 << 10, "3m": 3 << 20, "7B": 7,
		"0": -1, "-1MB": -1, "MB": -1, "1.5GB": -1, "12QB": -1, "99999999999GB": -1,
	} {
		got, err := parseSize(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

func TestCutRule(t *testing.T) {
	for _, tt := range []struct{ text, name, expr string }{
		{"never negative=state.total >= 0", "never negative", "state.total >= 0"},
		{" x = a === b", "x", "a === b"},
		{"state.total >= 0", "", ""},
		{"state.total === 0", "", ""},
		{"total==0", "", ""},
		{"=x", "", ""},
		{"x=", "", ""},
		{"x", "", ""},
		{"a=>b", "a", ">b"},
	} {
		name, expr, ok := cutRule(tt.text)
		if name != tt.name || expr != tt.expr || ok != (tt.name != "") {
			t.Errorf("%q: %q, %q, %v", tt.text, name, expr, ok)
		}
	}
}
