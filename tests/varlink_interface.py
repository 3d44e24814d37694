# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# Reads a Varlink interface's description and holds values against it: each member is there, of its type, and no other one is.

import re

TOKEN = re.compile(r"\s*(->|\[\]|\[string\]|[?():,]|[A-Za-z][A-Za-z0-9_.]*)")
PLAIN = {"string": str, "int": int, "float": (int, float), "bool": bool}


class Interface:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"#.*", "", file.read())
        self.tokens = TOKEN.findall(text)
        if "".join(self.tokens) != re.sub(r"\s", "", text):
            raise ValueError(f"{path}: cannot read")
        self.types, self.methods, self.errors = {}, {}, {}
        self._take("interface")
        self.name = self._take()
        while self.tokens:
            self._read_member()

    def _take(self, expected=None):
        token = self.tokens.pop(0)
        if expected not in (None, token):
            raise ValueError(f"{token} instead of {expected}")
        return token

    def _read_member(self):
        kind, name = self._take(), self._take()
        if kind == "type":
            self.types[name] = self._read_type()
        elif kind == "error":
            self.errors[name] = self._read_type()
        elif kind == "method":
            self._read_type()
            self._take("->")
            self.methods[name] = self._read_type()
        else:
            raise ValueError(f"{kind} {name}")

    def _read_type(self):
        token = self._take()
        if token in ("?", "[]", "[string]"):
            return (token, self._read_type())
        if token != "(":
            return (token,)
        members, words = {}, []
        while self.tokens[0] != ")":
            name = self._take()
            if self.tokens[0] == ":":
                self._take(":")
                members[name] = self._read_type()
            else:
                words.append(name)
            if self.tokens[0] != ")":
                self._take(",")
        self._take(")")
        return ("enum", words) if words else ("struct", members)

    def wrong(self, value, kind, where):
        """What is wrong with a value of that type: texts."""
        if kind[0] == "?":
            return [] if value is None else self.wrong(value, kind[1], where)
        if kind[0] == "[]" and isinstance(value, list):
            return [text for i, item in enumerate(value) for text in self.wrong(item, kind[1], f"{where}[{i}]")]
        if kind[0] == "[string]" and isinstance(value, dict):
            return [text for name, item in value.items() for text in self.wrong(item, kind[1], f"{where}.{name}")]
        if kind[0] == "struct" and isinstance(value, dict):
            found = [f"{where}.{name}: missing" for name in kind[1].keys() - value.keys()]
            found += [f"{where}.{name}: not in the description" for name in value.keys() - kind[1].keys()]
            for name in kind[1].keys() & value.keys():
                found += self.wrong(value[name], kind[1][name], f"{where}.{name}")
            return found
        if kind[0] == "enum" and value in kind[1]:
            return []
        if kind[0] in self.types:
            return self.wrong(value, self.types[kind[0]], where)
        if kind[0] in PLAIN and isinstance(value, PLAIN[kind[0]]) and (kind[0] == "bool" or not isinstance(value, bool)):
            return []
        return [f"{where}: {value!r} is no {kind[0]}"]

    def wrong_reply(self, method, reply):
        """What is wrong with a reply to this method of the interface."""
        prefix = self.name + "."
        error = reply.get("error")
        if error is None:
            kind = self.methods.get(method.removeprefix(prefix))
        elif error.startswith(prefix):
            kind = self.errors.get(error.removeprefix(prefix))
        else:
            return []
        if kind is None:
            return [f"{error or method}: not in the description"]
        return self.wrong(reply.get("parameters", {}), kind, error or method)
