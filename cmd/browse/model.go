package browse

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"asof/cmd/render"
	"asof/replay/workspace"
)

// A Model is the state of the program: a list of streams and, above it, the stream that
// was opened.
type Model struct {
	s       *session
	pen     pen
	w, h    int
	utc     bool
	list    list
	stream  *streamScreen     // nil: the list is on screen
	prompt  *prompt           // nil: keys are commands
	entered map[string]string // the last line of each prompt
	help    bool

	status string // about the last command
	failed bool   // status is an error
	moved  string // the store is not what it was; empty: it is
	grew   bool   // the store has events that are not shown

	held []tea.KeyPressMsg // typed while a stream is opened, for its screen

	every            time.Duration // after which the store is looked at again; 0: never
	pause            time.Duration // of the user, after which the history is folded for the gutter
	panicked         any           // of View or Update
	leave            func()        // ends the program; nil in tests
	opening, looking purpose
}

const (
	// blameAfter is the pause of a run.
	blameAfter = 120 * time.Millisecond
	// lookAfter is how long a change of the store may go unnoticed while nothing is asked.
	lookAfter = 5 * time.Second
)

// New returns the model of a run. ctx ends all its questions.
func New(ctx context.Context, w *workspace.Workspace, o Options) *Model {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return &Model{s: &session{ctx: ctx, space: w, o: o}, pen: pen{o.Color}, w: 80, h: 24, entered: map[string]string{}, pause: blameAfter, every: lookAfter}
}

// Init asks for what is shown first.
func (m *Model) Init() tea.Cmd {
	if m.s.o.Stream != "" {
		return tea.Batch(m.open(m.s.o.Stream, ""), m.wake())
	}
	return tea.Batch(m.list.load(m), m.wake())
}

// A wakeMsg comes when it is time to look at the store.
type wakeMsg struct{}

// wake returns a command that looks at the store later.
func (m *Model) wake() tea.Cmd {
	if m.every == 0 {
		return nil
	}
	return tea.Tick(m.every, func(time.Time) tea.Msg { return wakeMsg{} })
}

// look asks nothing but whether the store is what it was.
func (m *Model) look() tea.Cmd {
	stream := ""
	if m.stream != nil {
		stream = m.stream.o.stream
	}
	if m.moved != "" || m.looking.busy || m.opening.busy || m.stream != nil && m.stream.drawing.busy {
		return nil
	}
	return m.ask(&m.looking, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		n, err := m.s.ask(ctx, stream, nil)
		return n, nil, err
	})
}

// zone is the zone of the times on screen.
func (m *Model) zone() *time.Location {
	if m.utc {
		return time.UTC
	}
	return m.s.o.Zone
}

// A purpose is what a question is for. A new question for it ends the earlier one.
type purpose struct {
	cancel context.CancelFunc
	asked  int
	busy   bool
}

// stop ends the question.
func (p *purpose) stop() {
	if p.cancel != nil {
		p.cancel()
	}
	p.asked++
	p.busy = false
}

// An answer is the message that a question is answered. then applies it to the model.
type answer struct {
	of    *purpose
	asked int
	n     noted
	err   error
	then  func() tea.Cmd
	bug   any // a panic
}

// ask returns a command that asks a question for a purpose.
func (m *Model) ask(p *purpose, f func(context.Context) (noted, func() tea.Cmd, error)) tea.Cmd {
	p.stop()
	ctx, cancel := context.WithCancel(m.s.ctx)
	p.cancel, p.busy = cancel, true
	return p.command(ctx, f)
}

// command returns a command that continues the question of the purpose.
func (p *purpose) command(ctx context.Context, f func(context.Context) (noted, func() tea.Cmd, error)) tea.Cmd {
	asked := p.asked
	return func() (msg tea.Msg) {
		a := answer{of: p, asked: asked}
		defer func() {
			if a.bug = recover(); a.bug != nil {
				msg = a
			}
		}()
		a.n, a.then, a.err = f(ctx)
		return a
	}
}

// Update is the model after a message.
func (m *Model) Update(msg tea.Msg) (next tea.Model, cmd tea.Cmd) {
	next = m
	defer func() {
		if bug := recover(); bug != nil {
			m.panicked, cmd = bug, tea.Quit
		}
	}()
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return m, m.resize(msg.Width, msg.Height)
	case answer:
		return m, m.answered(msg)
	case wakeMsg:
		return m, tea.Batch(m.look(), m.wake())
	case tea.KeyPressMsg:
		return m, m.key(msg)
	case tea.PasteMsg:
		return m, m.paste(msg.Content)
	case tea.MouseMsg:
		return m, m.mouse(msg)
	}
	return m, nil
}

func (m *Model) resize(w, h int) tea.Cmd {
	m.w, m.h = w, h
	if m.stream != nil {
		return m.stream.resized(m)
	}
	return m.list.load(m)
}

// answered applies an answer, unless its question was given up.
func (m *Model) answered(a answer) tea.Cmd {
	if a.bug != nil {
		m.panicked = a.bug
		return tea.Quit
	}
	if a.asked != a.of.asked {
		return nil
	}
	a.of.busy = false
	held := m.held
	if a.of == &m.opening {
		m.held = nil
	}
	if a.err != nil {
		m.fail(a.err)
		return nil
	}
	m.grew = m.grew || a.n.grew
	if a.then == nil {
		return nil
	}
	cmds := []tea.Cmd{a.then()}
	if a.of == &m.opening {
		for _, k := range held {
			cmds = append(cmds, m.key(k))
		}
	}
	return tea.Batch(cmds...)
}

// maxHeld bounds the keys that are held.
const maxHeld = 100

// hold keeps a key for the screen that is being opened.
func (m *Model) hold(k tea.KeyPressMsg) bool {
	if !m.opening.busy || m.prompt != nil || len(m.held) == maxHeld {
		return false
	}
	switch k.String() {
	case "ctrl+c", "ctrl+z", "esc", "q":
		return false
	}
	m.held = append(m.held, k)
	return true
}

// say shows a text in the last line.
func (m *Model) say(text string) { m.status, m.failed = text, false }

// fail shows an error in the last line. One about the store stays.
func (m *Model) fail(err error) {
	if errors.Is(err, context.Canceled) && m.s.ctx.Err() == nil {
		return
	}
	var moved *movedError
	if errors.As(err, &moved) {
		m.moved = clean(moved.what)
		return
	}
	text := err.Error()
	if m.s.o.Hint != nil {
		if hint := m.s.o.Hint(err); hint != "" {
			text += " — " + hint
		}
	}
	m.status, m.failed = clean(m.s.space.Scrub(text)), true
}

// open asks for a stream, and shows it when it is found.
func (m *Model) open(name, at string) tea.Cmd {
	return m.ask(&m.opening, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		o, n, err := m.s.open(ctx, name, at)
		return n, func() tea.Cmd { return m.show(o, n) }, err
	})
}

// show shows a stream that was found.
func (m *Model) show(o *opened, n noted) tea.Cmd {
	if m.stream != nil {
		m.stream.stop()
	}
	m.s.watch(&watched{stream: o.stream, base: n.mark})
	m.stream, m.grew = newStreamScreen(o), false
	m.stream.guessed = n.guessed
	m.say("")
	return m.stream.begin(m)
}

// close goes back to the list.
func (m *Model) close() tea.Cmd {
	m.stream.stop()
	m.stream, m.grew = nil, false
	m.s.watch(nil)
	m.say("")
	return m.list.load(m)
}

// reread forgets what was read, and reads it again.
func (m *Model) reread() tea.Cmd {
	m.s.again()
	m.moved, m.grew = "", false
	m.say("read again")
	if m.stream == nil {
		m.list.reset()
		return m.list.load(m)
	}
	m.list.reset()
	at := "start"
	if r := m.stream.row(); r != nil {
		at = m.stream.pointOf(r)
	}
	name := m.stream.o.stream
	return m.ask(&m.opening, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		o, n, err := m.s.open(ctx, name, at)
		if err != nil { // the event is not there any more
			o, n, err = m.s.open(ctx, name, "")
		}
		return n, func() tea.Cmd { return m.show(o, n) }, err
	})
}

// command writes a command line for what is on screen.
func (m *Model) command(verb string, words []string, options ...string) string {
	if m.s.o.Command == nil {
		return render.CommandLine(append([]string{"asof", verb}, words...))
	}
	return m.s.o.Command(verb, words, options)
}

// copy puts the command of what is on screen on the clipboard, and shows it.
func (m *Model) copy() tea.Cmd {
	line := m.list.command(m)
	if m.stream != nil {
		line = m.stream.command(m)
	}
	m.say("copied: " + clean(line))
	return tea.SetClipboard(line)
}
