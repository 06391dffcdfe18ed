package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"pgregory.net/rapid"
)

// TestPasswordIsNotListed starts the program, which waits for a server that says
// nothing, and looks at the process as another user of the machine can.
func TestPasswordIsNotListed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{
		"postgres://user:hunter22@127.0.0.1:%d/db?sslmode=disable&password=hunter22",
		"host=127.0.0.1 port=%d user=u password='hunter22' sslmode=disable",
		"mysql://user:hunter22@127.0.0.1:%d/db?tls=false&password=hunter22",
	} {
		// A server of its own: a killed program may still have dialled the one before.
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		dsn := fmt.Sprintf(form, l.Addr().(*net.TCPAddr).Port)
		// The test's program is asof where it is called so: see TestMain.
		c := &exec.Cmd{Path: self, Args: []string{"asof", "info", dsn}}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		listed, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", c.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		_ = c.Process.Kill()
		_ = c.Wait()
		if !bytes.Contains(listed, []byte("127.0.0.1")) || bytes.Contains(listed, []byte("hunter22")) {
			t.Errorf("the process is listed as %q", listed)
		}
	}
}

func TestPasswordIsNotPrinted(t *testing.T) {
	const dsn = "postgres://user:hunter22@127.0.0.1:1/db"
	for _, args := range [][]string{
		{dsn},                           // an unknown verb
		{"info", dsn},                   // no server
		{"info", dsn, "--json"},         //
		{"info", "shop.db", dsn},        // one too many
		{"info", dsn + "?sslmode=oops"}, //
		{"info", "host=127.0.0.1 port=1 password=hunter22"},
		{"info", "mysql://user:hunter22@127.0.0.1:1/db"},
		{"info", "mariadb://127.0.0.1:1/db?password=hunter22&tls=oops"},
		{"log", dsn, "cart-1", "--type", dsn, "--since", dsn}, // no time
		{"info", dsn, "--" + dsn},                             // an unknown flag
		{"info", dsn, "--dialect"},
	} {
		var out, errs bytes.Buffer
		code := Run(t.Context(), args, trial(t.TempDir(), &out, &errs))
		if code == 0 || strings.Contains(out.String()+errs.String(), "hunter22") {
			t.Errorf("asof %q exits %d and says\n%s%s", args, code, &out, &errs)
		}
	}
}

// TestNoVerbPrintsASecret gives random connection strings to every verb, on the
// command line and in asof.toml, and looks for their password in all that it prints.
func TestNoVerbPrintsASecret(t *testing.T) {
	var verbs []string
	a := &app{IO: trial(t.TempDir(), io.Discard, io.Discard), ctx: context.Background()}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		verbs = append(verbs, strings.TrimPrefix(c.CommandPath(), "asof "))
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(a.command(nil))
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		secret := "s3cr" + rapid.StringMatching(`[ -~]{0,8}`).Draw(t, "password") + "t"
		escaped := url.QueryEscape(secret)
		quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(secret) + "'"
		dsn := rapid.SampledFrom([]string{
			"postgres://u:" + escaped + "@127.0.0.1:1/db", "postgres://u:" + secret + "@127.0.0.1:1/db", "postgres://u:a@" + escaped + "@127.0.0.1:1/db",
			"postgresql://127.0.0.1:1/db?user=u&password=" + escaped, "postgres://127.0.0.1:1/db?any_name=" + escaped,
			"host=127.0.0.1 port=1 password=" + quoted, "keepalives=1 host=127.0.0.1 port=1 sslpassword=" + quoted, "password=" + quoted + " hostaddr=127.0.0.1 port=x",
			"any_name=1 host=127.0.0.1 port=1 password=" + quoted[:len(quoted)-1], "mysql://u:" + secret + "@127.0.0.1:1/db",
			"mariadb://u:" + escaped + "@127.0.0.1:1/db?tls=no", "mysql://127.0.0.1:1/db?user=u&passwd=" + escaped,
		}).Draw(t, "dsn")
		toml := "[stores]\nshop = " + strconv.Quote(dsn) + rapid.SampledFrom([]string{"\n", " x\n", "\ndsn = 5\n", "\n[stores.s]\npath=\"a\"\nkey_file=" + strconv.Quote(dsn) + "\n"}).Draw(t, "rest")
		if err := os.WriteFile(filepath.Join(dir, "asof.toml"), []byte(toml), 0o600); err != nil {
			t.Fatal(err)
		}
		verb := strings.Fields(rapid.SampledFrom(verbs).Draw(t, "verb"))
		word := rapid.SampledFrom([]string{"shop", dsn}).Draw(t, "store")
		rest := rapid.SampledFrom([][]string{
			{},
			{"s-1"},
			{dsn},
			{"s-1@" + dsn},
			{"s-1", dsn},
			{"--json", "s-1"},
			{"--config=" + dsn},
			{"--key-file", dsn},
			{"--dialect", dsn, "s-1"},
			{"--bad", "x=true"},
			{"--" + dsn},
			{"--tz", dsn},
			{"--out", dsn},
			{"--fold", dsn, "s-1"},
			{"--all", "--bad", "true"},
			{"--projection", dsn},
		}).Draw(t, "rest of the line")
		args := append(append(slices.Clone(verb), word), rest...)
		if rapid.IntRange(0, 4).Draw(t, "completes") == 0 {
			args = append([]string{"__complete"}, append(args, "")...)
		}
		if slices.Contains(verb, "demo") {
			return // which writes a folder of any name
		}
		var out, errs bytes.Buffer
		code := Run(context.Background(), args, trial(dir, &out, &errs))
		if said := out.String() + errs.String(); strings.Contains(said, "s3cr") || code == exitBug {
			t.Fatalf("asof %q exits %d and prints\n%s", args, code, said)
		}
	})
}
