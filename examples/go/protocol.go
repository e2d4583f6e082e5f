package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
)

const maxLine = 4 << 20

// A code is an error of a closed set: an answer, not a failure. It travels as a panic.
type code string

// A shapeError says that an input has another shape than the specification's: it is answered `errored`.
type shapeError string

func fail(c string) { panic(code(c)) }

func badShape(format string, args ...any) { panic(shapeError(fmt.Sprintf(format, args...))) }

type obj = map[string]any

// serve answers one message a line until it is told to stop (spec/conformance.md, "Protocol").
func serve(in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			answer, stop := answerLine(line)
			if stop {
				return nil
			}
			if err := writeLine(out, answer); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func writeLine(out io.Writer, answer obj) error {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		return err
	}
	if buffer.Len() > maxLine {
		buffer.Reset()
		_ = encoder.Encode(obj{"type": "errored", "id": answer["id"], "message": "the answer is too long"})
	}
	_, err := out.Write(buffer.Bytes())
	return err
}

func answerLine(line []byte) (answer obj, stop bool) {
	id := ""
	defer func() {
		if r := recover(); r != nil {
			answer = obj{"type": "errored", "id": id, "message": fmt.Sprint(r)}
		}
	}()
	if len(line) > maxLine {
		badShape("a line too long")
	}
	var message any
	if err := json.Unmarshal(line, &message); err != nil {
		badShape("not JSON: %v", err)
	}
	m := object(message, "message")
	if name, ok := m.members["id"].(string); ok {
		id = name
	}
	switch kind := m.text("type"); kind {
	case "start":
		m.text("protocol")
		m.done()
		return started(), false
	case "stop":
		m.done()
		return nil, true
	case "run":
		return run(id, m), false
	default:
		badShape("no message %q", kind)
	}
	return nil, false
}

func started() obj {
	names := []string{}
	for name := range functions {
		names = append(names, name)
	}
	sort.Strings(names)
	return obj{"type": "started", "protocol": "1", "name": "ctor-go", "version": "0.1.0",
		"levels": []string{"L0", "L1"}, "functions": names, "machines": []string{"sfo", "relay"},
		"presets": []string{"seed", "hardened", "minimal"}, "features": []string{}}
}

func run(id string, m *reader) obj {
	m.text("id")
	switch level := m.text("level"); level {
	case "L0":
		name := m.text("function")
		input := m.object("input")
		m.done()
		f, known := functions[name]
		if !known {
			return obj{"type": "skipped", "id": id, "reason": "no function " + name}
		}
		ok, failed := call(f, input)
		if failed != "" {
			return obj{"type": "result", "id": id, "error": failed}
		}
		return obj{"type": "result", "id": id, "ok": ok}
	case "L1":
		return runMachine(id, m)
	default:
		badShape("no level %q", level)
	}
	return nil
}

// call turns a code that f failed with into a value; whatever else it panics with passes.
func call(f func(*reader) any, input *reader) (ok any, failed string) {
	defer func() {
		if r := recover(); r != nil {
			c, isCode := r.(code)
			if !isCode {
				panic(r)
			}
			failed = string(c)
		}
	}()
	ok = f(input)
	return ok, ""
}

// attempt is call for what takes no input.
func attempt[T any](f func() T) (value T, failed string) {
	defer func() {
		if r := recover(); r != nil {
			c, isCode := r.(code)
			if !isCode {
				panic(r)
			}
			failed = string(c)
		}
	}()
	return f(), ""
}
