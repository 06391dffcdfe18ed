//go:build linux || darwin

package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
)

// A shell is one that people type in, on a terminal.
type shell struct {
	t    *testing.T
	tty  *os.File
	out  chan []byte
	seen strings.Builder
}

// until waits until the terminal has shown a text since the last call, and returns what it
// has shown by then.
func (s *shell) until(text string) (shown string, ok bool) {
	deadline := time.After(time.Minute)
	for {
		shown = ansi.Strip(s.seen.String())
		if strings.Contains(shown, text) {
			s.seen.Reset()
			return shown, true
		}
		select {
		case b, open := <-s.out:
			if !open {
				return shown, false
			}
			s.seen.Write(b)
		case <-deadline:
			return shown, false
		}
	}
}

func (s *shell) keys(text string) {
	if _, err := s.tty.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

func startShell(t *testing.T, dir string, args ...string) *shell {
	c := exec.Command(args[0], args[1:]...)
	c.Dir = dir
	c.Env = append(os.Environ(), "TERM=xterm", "TZ=UTC", "PS1=$ ", "HOME="+dir, "XDG_CACHE_HOME="+dir)
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: 40, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	s := &shell{t: t, tty: tty, out: make(chan []byte, 1000)}
	go func() {
		defer close(s.out)
		for {
			b := make([]byte, 4096)
			n, err := tty.Read(b)
			if n > 0 {
				s.out <- b[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		_ = tty.Close()
	})
	return s
}

// TestShells presses TAB in real shells, where they are installed: names with blanks and
// quotes are inserted as the shell reads them back.
func TestShells(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	rows := `{"stream":"x 1","version":1,"type":"A","data":{}}
{"stream":"x 2","version":1,"type":"A","data":{}}
{"stream":"it's","version":1,"type":"A","data":{}}
{"stream":"a\"b$c","version":1,"type":"A","data":{}}
`
	if err := os.WriteFile(filepath.Join(dir, "odd.ndjson"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	const open = "--map stream=stream,version=version,type=type,data=data odd.ndjson "
	for _, sh := range []struct {
		args   []string
		source string
	}{
		{[]string{"bash", "--norc", "--noprofile", "-i"}, "source <(asof completion bash)"},
		{[]string{"zsh", "-f", "-i"}, "autoload -U compinit; compinit -u -D; source <(asof completion zsh)"},
		{[]string{"fish", "--no-config", "-i"}, "asof completion fish | source"},
	} {
		t.Run(sh.args[0], func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(sh.args[0]); err != nil {
				t.Skip(err)
			}
			s := startShell(t, dir, sh.args...)
			s.keys(sh.source + "; echo rea''dy\r")
			if shown, ok := s.until("ready"); !ok {
				t.Fatal(shown)
			}
			for _, c := range []struct{ typed, then, read, only string }{
				{open + "x", "1", "x 1", ""},
				{open + "i", "", "it's", ""},
				{open + "a", "", `a"b$c`, ""},
				{open + "'x", "1'", "x 1", "bash zsh"},
				{open + `"it`, "", "it's", "bash"}, // which closes the quote
				{open + `"it`, `"`, "it's", "zsh"},
				{"asof-demo.db cart-42@ty", "", "cart-42@type:", ""},
				{"asof-demo.db cart-42 --path /tot", "", "/total", ""},
			} {
				if c.only != "" && !strings.Contains(c.only, sh.args[0]) {
					continue
				}
				var shown string
				for _, wait := range []time.Duration{time.Second, 4 * time.Second, 12 * time.Second} { // for the shell to ask
					s.keys("asof log " + c.typed)
					s.until(c.typed[len(c.typed)-3:])
					s.keys("\t")
					time.Sleep(wait)
					s.keys(c.then + "\x01printf '<%s>' \x05; echo en''d\r") // the words, each in brackets
					shown, _ = s.until("end")
					if strings.Contains(shown, "<"+c.read+">") {
						break
					}
				}
				if !strings.Contains(shown, "<"+c.read+">") {
					t.Errorf("%q TAB %q: no <%s> in\n%s", c.typed, c.then, c.read, shown)
				}
			}
		})
	}
}
