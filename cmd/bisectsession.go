package cmd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/files"
)

// A sessionRecord is a search as it is written down: the line "start" and JSON,
// then a line for each mark, such as "good 17". What follows a # is for people.
type sessionRecord struct {
	Store      string   `json:"store"`
	Stream     string   `json:"stream"` // or proj:NAME
	From       *int64   `json:"from"`   // versions; null is the start
	To         *int64   `json:"to"`
	Folds      []string `json:"fold,omitempty"`
	Projection string   `json:"projection,omitempty"`
	Strict     bool     `json:"strict,omitempty"`
	Dialect    string   `json:"dialect,omitempty"`
	TermOld    string   `json:"term_old,omitempty"`
	TermNew    string   `json:"term_new,omitempty"`
	Run        string   `json:"run,omitempty"`

	session *bisect.Session
	marks   []versionMark // as read
}

type versionMark struct {
	version *int64 // nil: the start of the range
	mark    bisect.Mark
}

const sessionHead = "# asof bisect; asof bisect replay FILE takes it up again\n"

// sessionPath is where the last search is kept, in the user's own folder. It is
// empty where there is none.
func (a *app) sessionPath() string {
	if dir := a.Env("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "asof", "bisect.log")
	}
	if home := a.Env("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "asof", "bisect.log")
	}
	return ""
}

func (b *bisection) record(n *bisect.Session) *sessionRecord {
	version := func(m replay.Moment) *int64 {
		if m.IsStart() {
			return nil
		}
		v := int64(*m.Version)
		return &v
	}
	return &sessionRecord{
		Store: b.storePath(), Stream: n.Subject.Timeline.Name, From: version(n.From), To: version(n.To),
		Folds: b.o.folds, Projection: b.o.Projection, Strict: b.o.Strict, Dialect: b.o.Dialect,
		TermOld: b.o.termOld, TermNew: b.o.termNew, Run: b.o.run, session: n,
	}
}

// storePath names the store from wherever one stands. A connection string is
// written down without its secrets.
func (b *bisection) storePath() string {
	path := b.opened.Info().Path
	if isDSN(b.store) || b.store == "-" {
		return path
	}
	if abs, err := filepath.Abs(b.path(b.store)); err == nil {
		if _, err := os.Stat(abs); err == nil {
			return abs
		}
	}
	return b.store // a name of asof.toml
}

func (r *sessionRecord) text() ([]byte, error) {
	head, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	text := append([]byte(sessionHead+"start "), head...)
	text = append(text, '\n')
	for _, p := range r.session.Search.Marks() {
		name := "start"
		if v, ok := r.session.Version(p.Index); ok {
			name = strconv.FormatInt(int64(v), 10)
		}
		text = fmt.Appendf(text, "%s %s\n", p.Mark, name)
	}
	return text, nil
}

// save writes the search down. That it can't be is no reason to end it.
func (b *bisection) save(r *sessionRecord) {
	path := b.sessionPath()
	if path == "" {
		return
	}
	err := func() error {
		text, err := r.text()
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return b.writeFile(output{name: path, mode: 0o600, ours: isSession}, text)
	}()
	if err != nil && !b.unsaved {
		b.unsaved = true
		b.note("session", "the search is not kept: "+err.Error())
	}
}

// maxSession bounds the file of a search, in bytes.
const maxSession = 16 << 20

func isSession(head []byte) bool { return bytes.HasPrefix(head, []byte(sessionHead)) }

// readSession reads what save has written.
func readSession(name string, text []byte) (*sessionRecord, error) {
	var r *sessionRecord
	bad := func(line int, why string) error {
		return usagef("asof bisect log > FILE writes one", "%s:%d: %s", name, line, why)
	}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	lines.Buffer(nil, maxSession)
	n := 0
	for lines.Scan() {
		n++
		line, _, _ := strings.Cut(lines.Text(), "#")
		if strings.HasPrefix(lines.Text(), "start ") { // its JSON may hold a #
			line = lines.Text()
		}
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case word == "":
		case word == "start" && r == nil:
			r = &sessionRecord{}
			if err := json.Unmarshal([]byte(rest), r); err != nil || r.Store == "" || r.Stream == "" {
				return nil, bad(n, "the line does not say which store and stream")
			}
		case r == nil:
			return nil, bad(n, "it does not begin with a line \"start\"")
		case word == string(bisect.MarkGood), word == string(bisect.MarkBad), word == string(bisect.MarkSkip):
			m := versionMark{mark: bisect.Mark(word)}
			if rest != "start" {
				v, err := strconv.ParseInt(rest, 10, 64)
				if err != nil {
					return nil, bad(n, fmt.Sprintf("%q is no version", rest))
				}
				m.version = &v
			}
			r.marks = append(r.marks, m)
		default:
			return nil, bad(n, fmt.Sprintf("%q is none of good, bad and skip", word))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, bad(n, err.Error())
	}
	if r == nil {
		return nil, bad(n, "it holds no search")
	}
	return r, nil
}

// apply makes the marks of a record those of a session.
func (r *sessionRecord) apply(n *bisect.Session) error {
	for _, m := range r.marks {
		place, ok := 0, m.version == nil && n.From.IsStart()
		if m.version != nil {
			place, ok = n.Index(replay.Version(*m.version))
		}
		if !ok {
			return usagef("asof bisect reset begins anew", "the search speaks of an event that is not in the range")
		}
		if err := n.Mark(place, m.mark); err != nil {
			return usagef("asof bisect log shows what was answered", "%v", err)
		}
	}
	return nil
}

// lastSession returns the search that was kept, or nil.
func (a *app) lastSession() (*sessionRecord, []byte, error) {
	path := a.sessionPath()
	if path == "" {
		return nil, nil, nil
	}
	text, err := files.Regular(path, maxSession)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := readSession(path, text)
	return r, text, err
}

func (a *app) bisectSubcommands() []*cobra.Command {
	noSearch := func() error {
		return &replay.NotFoundError{Kind: "search", Name: "bisect", Next: fault.Try("asof bisect STORE STREAM begins one")}
	}
	show := &cobra.Command{
		Use: "log", Short: "Print the last search: what was asked and answered",
		Long:    "Print the last search that asked or ran a command, in the form that replay\ntakes." + exits("4    there was none"),
		Example: "  asof bisect log > search.log",
		Args:    args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			r, text, err := a.lastSession()
			if err == nil && r == nil {
				err = noSearch()
			}
			if err != nil {
				return err
			}
			_, err = a.Out.Write(text)
			return err
		},
	}
	again := &cobra.Command{
		Use: "replay FILE [STORE]", Short: "Take up a search from what log printed",
		Long:    "Take up a search from the file, and go on asking where it stopped. STORE stands\nin for the one that the file names." + exits(exitNoStream, exitNoFold),
		Example: "  asof bisect replay search.log",
		Args:    args(1, 2, "FILE", "STORE"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.bisectReplay(args) },
	}
	reset := &cobra.Command{
		Use: "reset", Short: "Forget the last search",
		Long:    "Forget the last search: the next one begins anew." + exits(),
		Example: "  asof bisect reset",
		Args:    args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			path := a.sessionPath()
			if path == "" {
				return nil
			}
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		},
	}
	return []*cobra.Command{show, again, reset}
}

// bisectReplay takes up the search of a file.
func (a *app) bisectReplay(args []string) error {
	text, err := a.readSource(args[0])
	if err != nil {
		return err
	}
	rec, err := readSession(args[0], []byte(text))
	if err != nil {
		return err
	}
	if len(args) == 2 {
		rec.Store = args[1]
	}
	var o bisectOptions
	o.folds, o.Projection, o.Strict, o.Dialect = rec.Folds, rec.Projection, rec.Strict, rec.Dialect
	o.termOld, o.termNew = rec.TermOld, rec.TermNew
	r, err := a.open(rec.Store, o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	b := &bisection{app: a, o: o, store: rec.Store, name: rec.Stream, opened: r}
	ans, err := b.ask(rec)
	if err != nil {
		return err
	}
	return b.print(ans)
}
