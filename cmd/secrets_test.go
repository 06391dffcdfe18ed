package cmd

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestPasswordIsNotListed starts the program, which waits for a server that says
// nothing, and looks at the process as another user of the machine can.
func TestPasswordIsNotListed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("looks into /proc")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, dsn := range []string{
		"postgres://user:hunter22@" + l.Addr().String() + "/db?sslmode=disable&password=hunter22",
		fmt.Sprintf("host=127.0.0.1 port=%d user=u password='hunter22' sslmode=disable", l.Addr().(*net.TCPAddr).Port),
	} {
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

func TestPasswordIsNotTold(t *testing.T) {
	const dsn = "postgres://user:hunter22@127.0.0.1:1/db"
	for _, args := range [][]string{
		{dsn},                           // an unknown verb
		{"info", dsn},                   // no server
		{"info", dsn, "--json"},         //
		{"info", "shop.db", dsn},        // one too many
		{"info", dsn + "?sslmode=oops"}, //
		{"info", "host=127.0.0.1 port=1 password=hunter22"},
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
