package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// agentTime bounds a task.
const agentTime = 15 * time.Minute

// An agentRun is what became of a task.
type agentRun struct {
	task          evalTask
	answer        map[string]any // nil: none was found in the output
	right         bool
	calls, tokens int
}

// TestAgent has an agent of one's own answer the tasks with this server. EVAL_AGENT is
// its command. Words are split at spaces, and in each {config} is the file that names the
// server, in the form of mcpServers, {prompt} the task, and {prompt_file} a file with it:
//
//	EVAL_AGENT='some-cli --mcp-config {config} --prompt {prompt}' go test ./cmd/mcp -run TestAgent -v -count=1 -timeout 3h
//
// EVAL_TASKS names tasks, separated by commas. The answer is the last JSON object of what
// the agent prints. Its calls are counted at the server: 4 bytes of what is asked and
// answered are a token.
func TestAgent(t *testing.T) {
	command := os.Getenv("EVAL_AGENT")
	if command == "" {
		t.Skip("no agent is given in EVAL_AGENT")
	}
	var only []string
	if names := os.Getenv("EVAL_TASKS"); names != "" {
		only = strings.Split(names, ",")
	}
	right := 0
	var runs []agentRun
	for _, task := range evalTasks(t) {
		if len(only) > 0 && !slices.Contains(only, task.Name) {
			continue
		}
		one := runAgent(t, command, task)
		if runs = append(runs, one); one.right {
			right++
		}
		t.Logf("%s: %s\n%s", task.Name, map[bool]string{true: "right", false: "wrong"}[one.right], prompt(task))
		if !one.right {
			t.Logf("the answer is %s, and %s is right", mustJSON(one.answer), mustJSON(task.Answer))
		}
	}
	var table strings.Builder
	for _, one := range runs {
		fmt.Fprintf(&table, "| `%s` | %v | %d | %d |\n", one.task.Name, one.right, one.calls, one.tokens)
	}
	t.Logf("%d of %d tasks are right\n| Task | Right | Calls | Tokens |\n|---|---|---|---|\n%s", right, len(runs), table.String())
}

func evalTasks(t *testing.T) (tasks []evalTask) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(evalDir, "tasks.json"))
	if err == nil {
		err = json.Unmarshal(data, &tasks)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tasks
}

// answerForms say how a part of an answer is written.
var answerForms = map[string]string{
	"culprit": `"STREAM@VERSION TYPE", the event that turned the state bad`,
	"cause":   `"STREAM@VERSION TYPE", the event to blame, which may be the same`,
	"event":   `"STREAM@VERSION TYPE"`,
	"events":  `["STREAM@VERSION TYPE", …], all of them`,
	"actor":   `"ACTOR" of that event`,
	"streams": `["STREAM", …], all of them, with this one if it is one`,
	"value":   `a number`,
}

// prompt is the task as an agent gets it.
func prompt(task evalTask) string {
	var b strings.Builder
	b.WriteString(task.Prompt + "\n\nUse the tools of the server asof. End with the answer as one JSON object on a line of its own, with these members:\n")
	for _, name := range []string{"culprit", "cause", "event", "events", "actor", "streams", "value"} {
		if _, ok := task.Answer[name]; ok {
			fmt.Fprintf(&b, "- %q: %s\n", name, answerForms[name])
		}
	}
	return b.String()
}

// runAgent runs an agent on a task.
func runAgent(t *testing.T, command string, task evalTask) agentRun {
	t.Helper()
	dir := t.TempDir()
	store, err := filepath.Abs(filepath.Join(evalDir, task.Store))
	if err != nil {
		t.Fatal(err)
	}
	if task.Store == "demo" {
		store = filepath.Join(dir, "demo")
		writeDemo(t, store)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	counts := filepath.Join(dir, "counts")
	config := map[string]any{"mcpServers": map[string]any{"asof": map[string]any{"command": program, "args": []string{serveWord, store, counts}}}}
	files := map[string][]byte{"config.json": mustJSON(config), "prompt.txt": []byte(prompt(task))}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fill := strings.NewReplacer("{config}", filepath.Join(dir, "config.json"), "{prompt_file}", filepath.Join(dir, "prompt.txt"), "{prompt}", prompt(task))
	words := strings.Fields(command)
	for i := range words {
		words[i] = fill.Replace(words[i])
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), agentTime)
	defer cancel()
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr, c.Dir = &out, &errs, dir
	if err := c.Run(); err != nil {
		t.Logf("%s: the agent ends with %v\n%s", task.Name, err, errs.String())
	}
	one := agentRun{task: task, answer: lastObject(out.String())}
	one.right = judge(one.answer, task.Answer)
	one.calls, one.tokens = readCounts(t, counts)
	return one
}

// lastObject is the last JSON object in a text that has members; nil: there is none.
func lastObject(text string) map[string]any {
	for at := len(text); ; {
		if at = strings.LastIndexByte(text[:at], '{'); at < 0 {
			return nil
		}
		var x map[string]any
		if err := json.NewDecoder(strings.NewReader(text[at:])).Decode(&x); err == nil && len(x) > 0 {
			return x
		}
	}
}

// judge compares an answer with the right one: numbers by value, lists in any order, and
// texts without the spaces around them.
func judge(got, want map[string]any) bool {
	for name, right := range want {
		if !reflect.DeepEqual(plain(got[name]), plain(right)) {
			return false
		}
	}
	return true
}

func plain(x any) any {
	switch x := x.(type) {
	case string:
		return strings.Join(strings.Fields(x), " ")
	case []any:
		all := make([]string, len(x))
		for i, one := range x {
			all[i] = fmt.Sprint(plain(one))
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	return x
}

// TestAgentIsJudged has a stub answer: right, wrong, and not at all.
func TestAgentIsJudged(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tasks := evalTasks(t)
	file, err := filepath.Abs(filepath.Join(evalDir, "tasks.json"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ASOF_EVAL_TASKS", file)
	for how, want := range map[string]bool{"right": true, "wrong": false, "silent": false} {
		for _, i := range []int{0, 1, 3} {
			one := runAgent(t, program+" "+stubWord+" "+how+" {config} {prompt_file}", tasks[i])
			if one.right != want {
				t.Errorf("%s: a stub that is %s answers %v and is judged %v", tasks[i].Name, how, one.answer, one.right)
			}
			if one.calls != 2 || one.tokens < 200 || one.tokens > 5000 {
				t.Errorf("%s: %d calls and %d tokens are counted", tasks[i].Name, one.calls, one.tokens)
			}
		}
	}
}

// stubWord makes the test's program an agent that looks the answer up.
const stubWord = "stub-agent"

// stubAgent asks two things, one of them wrongly, and prints an answer.
func stubAgent(how, config, promptFile string) error {
	var c struct {
		Servers map[string]struct {
			Command string
			Args    []string
		} `json:"mcpServers"`
	}
	text, err := os.ReadFile(config)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return err
	}
	s := c.Servers["asof"]
	ctx := context.Background()
	session, err := sdk.NewClient(&sdk.Implementation{Name: "stub", Version: "1"}, nil).Connect(ctx, &sdk.CommandTransport{Command: exec.Command(s.Command, s.Args...)}, nil)
	if err != nil {
		return err
	}
	_, first := session.CallTool(ctx, &sdk.CallToolParams{Name: "describe_store", Arguments: map[string]any{}})
	_, second := session.CallTool(ctx, &sdk.CallToolParams{Name: "state_at", Arguments: map[string]any{"strem": "x"}})
	if err := errors.Join(first, second, session.Close()); err != nil {
		return err
	}
	asked, err := os.ReadFile(promptFile)
	if err != nil || how == "silent" {
		return err
	}
	data, err := os.ReadFile(os.Getenv("ASOF_EVAL_TASKS"))
	if err != nil {
		return err
	}
	var tasks []evalTask
	if err := json.Unmarshal(data, &tasks); err != nil {
		return err
	}
	for _, task := range tasks {
		if prompt(task) == string(asked) {
			if how == "wrong" {
				for name := range task.Answer {
					task.Answer[name] = "cart-1@1 CartOpened"
				}
			}
			fmt.Printf("I looked at {the store}.\n%s\nThat is {all}.\n", mustJSON(task.Answer))
		}
	}
	return nil
}
