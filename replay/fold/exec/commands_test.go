package exec

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The test program is also the command that the tests run: with this variable
// set, or given as its first argument, it acts as one of execCommands.
const execEnv = "ASOF_TEST_COMMAND"

func init() {
	name := os.Getenv(execEnv)
	if len(os.Args) > 1 {
		if given, ok := strings.CutPrefix(os.Args[1], execEnv+"="); ok {
			name = given
		}
	}
	if name != "" {
		execCommands[name]()
		os.Exit(0)
	}
}

// question is what a command reads; the members stay as they are written.
type question struct {
	Op    string          `json:"op"`
	State json.RawMessage `json:"state"`
	Event json.RawMessage `json:"event"`
}

// serve answers each question with the lines that f returns.
func serve(f func(q question, line string) string) func() {
	return func() {
		in := bufio.NewReader(os.Stdin)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			var q question
			if err := json.Unmarshal([]byte(line), &q); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(3)
			}
			fmt.Print(f(q, line))
		}
	}
}

// onEvent answers init with {} and an event, of that version, with what f returns.
func onEvent(f func(version int) string) func() {
	return serve(func(q question, _ string) string {
		if q.Op == "init" {
			return `{"state":{}}` + "\n"
		}
		var e struct{ Version int }
		if err := json.Unmarshal(q.Event, &e); err != nil {
			panic(err)
		}
		return f(e.Version)
	})
}

// sum keeps {"n": how many events, "sum": the sum of data.x}.
func sum() func() {
	type total struct{ N, Sum int }
	var now total
	return serve(func(q question, _ string) string {
		if q.Op == "init" {
			now = total{}
		}
		if q.State != nil {
			now = total{}
			if err := json.Unmarshal(q.State, &now); err != nil {
				return `{"error":"bad state"}` + "\n"
			}
		}
		if q.Event != nil {
			var e struct {
				Type string
				Data struct{ X int }
			}
			if err := json.Unmarshal(q.Event, &e); err != nil {
				panic(err)
			}
			switch e.Type {
			case "Slow":
				hang()
			case "Ignored":
				return `{"unhandled":true}` + "\n"
			case "Nothing":
				return `{"unchanged":true}` + "\n"
			case "Refused":
				return `{"error":"no \u001b[31mway"}` + "\n"
			}
			now.N++
			now.Sum += e.Data.X
		}
		return fmt.Sprintf(`{"state":{"N":%d,"Sum":%d}}`+"\n", now.N, now.Sum)
	})
}

// report says to expireWhenReported that no answer comes.
func report() {
	if err := os.WriteFile(reportOf(os.Getpid()), nil, 0o600); err != nil {
		panic(err)
	}
}

func hang() {
	report()
	time.Sleep(time.Hour)
}

func reportOf(pid int) string {
	return filepath.Join(os.TempDir(), "asof-exec-test-"+strconv.Itoa(pid))
}

// expireWhenReported makes timeouts pass once the command reports that no answer comes,
// and not before, however busy the machine is.
func expireWhenReported(t *testing.T, x *Reducer, timeout time.Duration) {
	t.Helper()
	x.o.Timeout = timeout
	watched := map[*process]bool{}
	x.deadline = func(p *process, _ time.Duration) time.Time {
		if !watched[p] {
			watched[p] = true
			go expire(p)
		}
		return time.Time{}
	}
	if x.proc != nil {
		x.proc.deadline = x.deadline
	}
}

// expire ends every exchange with a process from its report on.
func expire(p *process) {
	report := reportOf(p.cmd.Process.Pid)
	defer os.Remove(report)
	for {
		select {
		case <-p.exited:
			return
		case <-time.After(5 * time.Millisecond):
		}
		if _, err := os.Stat(report); err == nil {
			past := time.Unix(1, 0)
			_, _ = p.in.SetWriteDeadline(past), p.out.SetReadDeadline(past)
		}
	}
}

var execCommands = map[string]func(){
	"sum":  sum(),
	"echo": serve(func(_ question, line string) string { return `{"state":{"asked":` + strings.TrimSpace(line) + "}}\n" }),
	"null": serve(func(q question, line string) string {
		if q.Op == "init" {
			return `{"state":null}` + "\n"
		}
		return `{"state":{"asked":` + strings.TrimSpace(line) + "}}\n"
	}),
	"exit": onEvent(func(n int) string {
		if n == 3 {
			fmt.Fprintln(os.Stderr, "Traceback:\n  line 7\nKeyError: \x1b'sku'")
			os.Exit(4)
		}
		return `{"state":{}}` + "\n"
	}),
	"chatty": onEvent(func(n int) string {
		fmt.Fprintf(os.Stderr, "event %d\n", n)
		return `{"state":{}}` + "\n"
	}),
	"mute": onEvent(func(n int) string {
		if n == 3 {
			report()
			return ""
		}
		return `{"state":{}}` + "\n"
	}),
	"junk": onEvent(func(n int) string {
		if n == 3 {
			return "Error 3\n"
		}
		return `{"state":{}}` + "\n"
	}),
	"extra": onEvent(func(n int) string {
		answer := fmt.Sprintf(`{"state":%d}`+"\n", n)
		if n == 70 {
			return answer + answer
		}
		return answer
	}),
	"silent": onEvent(func(n int) string {
		if n == 70 {
			report()
			return ""
		}
		return fmt.Sprintf(`{"state":%d}`+"\n", n)
	}),
	"swollen": onEvent(func(n int) string {
		return fmt.Sprintf(`{"state":{"n":%d,"x":%q}}`+"\n", n, strings.Repeat("y", 100_000))
	}),
	"hangs at once": func() { time.Sleep(time.Hour) },
	"exit0":         onEvent(func(int) string { os.Exit(0); return "" }),
	"half":          onEvent(func(int) string { fmt.Print(`{"state":`); os.Exit(0); return "" }),
	"hang":          onEvent(func(int) string { hang(); return "" }),
	"deaf":          func() { fmt.Println(`{"state":{}}`); hang() },
	"badinit":       serve(func(question, string) string { return `{"unchanged":true}` + "\n" }),
	"garbage":       onEvent(func(int) string { return "debug: \x1b[31m" + strings.Repeat("x", 500) + "\n" }),
	"nostate":       onEvent(func(int) string { return `{"State":{}}` + "\n" }),
	"both":          onEvent(func(int) string { return `{"state":{},"unchanged":true}` + "\n" }),
	"list":          onEvent(func(int) string { return "[1]\n" }),
	"false":         onEvent(func(int) string { return `{"unchanged":false}` + "\n" }),
	"errnumber":     onEvent(func(int) string { return `{"error":1}` + "\n" }),
	"twice":         onEvent(func(int) string { return `{"state":1}` + "\n" + `{"state":2}` + "\n" }),
	"large":         onEvent(func(int) string { return `{"state":"` + strings.Repeat("x", 300_000) + `"}` + "\n" }),
	"stubborn": func() {
		onEvent(func(int) string { return `{"state":{"pid":` + strconv.Itoa(os.Getpid()) + "}}\n" })()
		time.Sleep(time.Hour) // its input has ended
	},
	"parent": func() {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), execEnv+"=stubborn")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr // held open after the parent ends
		if err := child.Start(); err != nil {
			panic(err)
		}
		onEvent(func(int) string { return `{"state":{"pid":` + strconv.Itoa(child.Process.Pid) + "}}\n" })()
	},
	"closed": func() {
		onEvent(func(int) string { os.Stdout.Close(); time.Sleep(time.Hour); return "" })()
	},
	"where": onEvent(func(int) string {
		dir, _ := os.Getwd()
		return fmt.Sprintf(`{"state":%q}`+"\n", dir)
	}),
}
