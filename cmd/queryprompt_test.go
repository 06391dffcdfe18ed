//go:build linux || darwin

package cmd

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestQueryPrompt types lines into the prompt of query: SQL, a completion, a moment, slips
// and the end.
func TestQueryPrompt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	keys := strings.Join([]string{
		`\?`, "SELECT tot\t FROM cart WHERE stream = 'cart-42'", "SELECT totl FROM cart", `\t nonsense`, `\t pos:860`,
		"SELECT 'n=' || count(*) \\", "FROM events",
		"SELECT 'm=' || count(*) FROM cart_\tchanges WHERE", "version < 1", "SELECT", "", "SELECT FROM;", `\tables`, `\q`, "",
	}, "\r")
	got, code := onTerminal(t, dir, 200, keys, nil, "query", "asof-demo.db")
	for _, want := range []string{"sets the moment", "total\n -6.6", "did you mean total?", `bad point "nonsense"`, "pos:860> ", "n=860", "cart_changes  cart_history", "m=0", `near "FROM"`, "cart_history  a row"} {
		if !strings.Contains(got, want) {
			t.Errorf("the output lacks %q:\n%s", want, got)
		}
	}
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// TestQueryPromptInterrupted: Ctrl-C drops a line, and ends a statement but not the prompt.
func TestQueryPromptInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	c := exec.Command("asof", "query", "asof-demo.db")
	c.Dir, c.Env = dir, append(os.Environ(), "TERM=xterm", "TZ=UTC", "XDG_CACHE_HOME="+dir, "NO_COLOR=1")
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: 50, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close() //nolint:errcheck // the test is over
	stuck := time.AfterFunc(2*time.Minute, func() { _ = c.Process.Kill() })
	defer stuck.Stop()
	var seen []byte
	at := 0
	// said types keys, and reads until the screen has a text after the one before.
	said := func(keys, want string) {
		t.Helper()
		if _, err := tty.WriteString(keys); err != nil {
			t.Fatal(err)
		}
		for b := make([]byte, 1024); !bytes.Contains(seen[at:], []byte(want)); {
			n, err := tty.Read(b)
			if seen = append(seen, b[:n]...); err != nil {
				t.Fatalf("%q is not said after %q: %v\n%s", want, keys, err, seen)
			}
		}
		at += bytes.Index(seen[at:], []byte(want)) + len(want)
	}
	const endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
	said("", "now> ")
	said("SELECT nonsense \\\r", "  > ")
	said("FROM\x03", "now> ")
	said("SELECT 'n=' || count(*) FROM events\r", "n=3500")
	said("", "now> ")
	for range 2 {
		said(endless+"\r", "FROM c\r\n")
		ended := make(chan struct{})
		go func() { // again, if the first comes before the statement begins
			for {
				select {
				case <-ended:
					return
				case <-time.After(200 * time.Millisecond):
					_, _ = tty.WriteString("\x03")
				}
			}
		}()
		said("\x03", "interrupted")
		close(ended)
		said("", "now> ")
		said("\\?\r", "sets the moment")
		said("", "now> ")
	}
	said("\\q\r", "")
	_, _ = io.Copy(io.Discard, tty) // ends with EIO
	if err := c.Wait(); err != nil {
		t.Errorf("the prompt ends with %v", err)
	}
}

func TestCompletion(t *testing.T) {
	names := []string{"cart", "cart_changes", "cart_history", `"with blank"`, "Total"}
	for word, want := range map[string]string{"ca": "cart", "cart_h": "cart_history", "cart_": "cart_", "tot": "Total", "x": "", "": "", `\ta`: `\tables`} {
		if got := sharedBy(beginning(word, names), len(word)); got != want {
			t.Errorf("%q completes to %q, want %q", word, got, want)
		}
	}
}
