package pager

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// screen returns a screen of 10 columns and 5 rows, and a reader of its terminal.
func screen(t *testing.T, command string, quit func()) (*Screen, *bufio.Reader) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no pager")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close(); r.Close() })
	return New(Options{Command: command, Env: os.Environ(), Terminal: w, Width: 10, Height: 5, Quit: quit}), bufio.NewReader(r)
}

// TestStream gives a slow answer a pager: what there is appears before the rest.
func TestStream(t *testing.T) {
	s, terminal := screen(t, "while read line; do echo \"P:$line\"; done", nil)
	for _, line := range []string{"one", "two"} {
		if _, err := s.Out().Write([]byte(line + "\n")); err != nil {
			t.Fatal(err)
		}
		if got, _ := terminal.ReadString('\n'); got != "P:"+line+"\n" {
			t.Fatalf("%q", got)
		}
	}
	s.Close()
	s.Close()
}

// TestFits shows what fits without the pager, and counts the rows of long lines.
func TestFits(t *testing.T) {
	for _, c := range []struct {
		text  string
		paged bool
	}{
		{"1\n2\n3\n4\n", false},
		{"1\n2\n3\n4\n5\n", true},
		{"1\n2\n3\n\x1b[1m0123456789\x1b[0m\n", false},
		{"1\n2\n3\n0123456789x\n", true},
		{"ääääääääää\n2\n3\n4", false},
		{"", false},
	} {
		s, terminal := screen(t, "sed s/^/P:/", nil)
		_, _ = s.Out().Write([]byte(c.text))
		s.Close()
		_ = s.o.Terminal.Close()
		var b strings.Builder
		_, _ = terminal.WriteTo(&b)
		want := c.text
		if c.paged {
			want = strings.ReplaceAll("P:"+strings.TrimSuffix(c.text, "\n"), "\n", "\nP:") + "\n"
		}
		if b.String() != want {
			t.Errorf("%q: got %q, want %q", c.text, b.String(), want)
		}
	}
}

// TestErrorsAlone passes on what is said while an answer is worked out, and keeps a bar
// away from the pager.
func TestErrorsAlone(t *testing.T) {
	s, terminal := screen(t, "sed s/^/P:/", nil)
	_, _ = s.Err().Write([]byte("note\n"))
	if got, _ := terminal.ReadString('\n'); got != "note\n" || s.Paging() {
		t.Fatalf("%q", got)
	}
	_, _ = s.Bar().Write([]byte("bar\n"))
	_, _ = s.Out().Write([]byte("1\n2\n3\n4\n5\n"))
	_, _ = s.Bar().Write([]byte("bar\n"))
	s.Close()
	_ = s.o.Terminal.Close()
	var b strings.Builder
	_, _ = terminal.WriteTo(&b)
	if b.String() != "bar\nP:1\nP:2\nP:3\nP:4\nP:5\n" {
		t.Errorf("%q", b.String())
	}
}

// TestQuit reports a pager that ends before the output does.
func TestQuit(t *testing.T) {
	quit := make(chan bool, 1)
	s, _ := screen(t, "read line", func() { quit <- true })
	_, _ = s.Out().Write([]byte("1\n2\n3\n4\n5\n"))
	select {
	case <-quit:
	case <-time.After(time.Minute):
		t.Fatal("not reported")
	}
	if _, err := s.Out().Write([]byte("more\n")); err == nil {
		t.Error("written to nobody")
	}
	if _, err := s.Err().Write([]byte("more\n")); err != nil {
		t.Error(err)
	}
	s.Close()
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "less"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	for _, c := range []struct {
		env  string
		want string
		bad  bool
	}{
		{"TERM=xterm", "less", false},
		{"TERM=xterm PAGER=cat", "", false},
		{"TERM=xterm PAGER=less ASOF_PAGER=", "", false},
		{"TERM=xterm PAGER=cat ASOF_PAGER=less", "less", false},
		{"TERM=xterm PAGER=nosuch", "nosuch", true},
		{"TERM=dumb PAGER=less", "", false},
		{"PAGER=less", "", false},
		{"TERM=dumb ASOF_PAGER=less", "less", false},
		{"TERM=xterm PAGER=$MINE", "$MINE", false},
	} {
		env := func(name string) (string, bool) {
			for _, v := range strings.Fields(c.env) {
				if value, ok := strings.CutPrefix(v, name+"="); ok {
					return value, true
				}
			}
			return "", false
		}
		got, err := Command(env)
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("%s: %q, %v", c.env, got, err)
		}
	}
	if got := Environ([]string{"LESS="}); len(got) != 2 || got[1] != "LV=-c" {
		t.Errorf("%q", got)
	}
}
