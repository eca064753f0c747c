#!/usr/bin/env python3
"""House rules that no compiler checks. usage: lint.py [TREE]   prints FILE:LINE: RULE: MESSAGE, exits 1 on any."""
import os
import re
import sys

# Who may include whom. Nothing points up; a room may always include itself.
LAYERS = {
    'src/base': [],
    'boltdb': ['src/base'],
    'src/raft': ['src/base'],
    'src/etcd': ['boltdb', 'src/base'],
    'src/proof': ['src/etcd', 'src/raft', 'boltdb', 'src/base'],
    'src/k3s': ['src/etcd', 'boltdb', 'src/base'],
    'reset': ['src/proof', 'src/etcd', 'src/raft', 'boltdb', 'src/base'],
    'src/cli': ['reset', 'src/k3s', 'src/proof', 'src/etcd', 'src/raft', 'boltdb', 'src/base'],
}
BANNED = ['strcpy', 'strncpy', 'strcat', 'strncat', 'sprintf', 'vsprintf', 'strtok', 'atoi', 'atol', 'atoll', 'atof',
          'sscanf', 'gets', 'alloca', 'tmpnam', 'mktemp', 'rand']
BANNED_IN_PRODUCT = ['strtol', 'strtoul', 'system', 'popen', 'exit', '_exit', 'abort']
ALLOWED_CALLS = {  # file -> calls it may make
    'src/k3s/address.c': ['strtoul'],  # hexadecimal numbers that the kernel printed
}
FUNCTION_LINES, FILE_LINES = 100, 1000
WORDS = [r'(?<![\w.])/work/', r'(?<![\w.])/root/', r'(?<![\w.])/home/\w', 'proxy[.]golang', 'sum[.]golang',
         'pypi[.]org', 'deb[.]debian', 'crates[.]io', 'npmjs', 'maven[.]org']
NOT_TEXT = ('fixtures/', 'tests/fuzz/corpus/', 'build/', '.git/')
OWN_FILES = ('tests/lint/lint.py', 'tests/lint/lint_test.py')  # they hold the words they look for


def tree_files(root):
    for folder, folders, names in os.walk(root):
        inside = os.path.relpath(folder, root).replace(os.sep, '/') + '/'
        inside = '' if inside == './' else inside
        folders[:] = sorted(f for f in folders if not (inside + f + '/').startswith(NOT_TEXT) and f != '__pycache__')
        yield from (inside + name for name in sorted(names) if not (inside + name).startswith('.git'))


def blank_out(code):
    """The code without comments and literals, line numbers kept."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: re.sub(r'[^\n]', ' ', m.group()), code, flags=re.S)


def room_of(path):
    return next((room for room in LAYERS if path.startswith(room + '/')), None)


def check_layers(path, text):
    room = room_of(path)
    if path.startswith(('src/', 's3/')) and room is None:
        yield 1, 'layer', 'this room is not in the table of tests/lint/lint.py'
    if room is None:
        return
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', text, re.M):
        line, name = text.count('\n', 0, match.start()) + 1, match.group(1)
        other = room_of(name)
        if other is None:
            yield line, 'layer', f"'{name}' is not named from the top of the tree, or is no room"
        elif other != room and other not in LAYERS[room]:
            yield line, 'layer', f"{room} may not include {other} ('{name}')"


def check_calls(path, text):
    banned = BANNED + (BANNED_IN_PRODUCT if room_of(path) else [])
    for match in re.finditer(r'(?<![\w.>])(' + '|'.join(banned) + r')\s*\(', blank_out(text)):
        if match.group(1) not in ALLOWED_CALLS.get(path, []):
            yield text.count('\n', 0, match.start()) + 1, 'call', f'{match.group(1)}() is banned'


def functions(lines):
    """(first line of the signature, last line) of each: clang-format puts both braces of a body into column 0."""
    signature = opened = None
    for number, line in enumerate(lines, 1):
        if opened:
            if line.startswith('}'):
                yield opened, number
                signature = opened = None
        elif line.startswith('{'):
            opened = signature or number
        elif not line.strip() or line.startswith(('}', '#')) or line.rstrip().endswith(';'):
            signature = None
        else:
            signature = signature or number


def check_sizes(path, text):
    if not room_of(path):
        return
    lines = blank_out(text).split('\n')
    if len(lines) - 1 > FILE_LINES:
        yield FILE_LINES, 'size', f'the file has {len(lines) - 1} lines, at most {FILE_LINES}'
    for first, last in functions(lines):
        if last - first + 1 > FUNCTION_LINES:
            yield first, 'size', f'the function has {last - first + 1} lines, at most {FUNCTION_LINES}'


def check_text(path, text):
    source = path.endswith(('.c', '.h', '.py', '.cmake', '.txt', '.json', '.go', '.md', '.sh')) or '.' not in path
    for number, line in enumerate(text.split('\n'), 1):
        if source and not line.isascii():
            yield number, 'ascii', 'not ASCII'
        if '\t' in line and path.endswith(('.c', '.h', '.py', '.cmake')):
            yield number, 'tab', 'tab'
        if path.endswith(('.c', '.h')) and line != line.rstrip():
            yield number, 'space', 'space at the end of the line'
        for word in WORDS if path not in OWN_FILES else ():
            if re.search(word, line):
                yield number, 'word', f'a name of one machine or host: {re.search(word, line).group()}'
        if path not in OWN_FILES and re.search(r'\b(TODO|FIXME|XXX)\b(?!\(#\d+\))', line):
            yield number, 'todo', 'a TODO needs an issue number: TODO(#12)'


def check_file(path, text):
    yield from check_text(path, text)
    if path.endswith(('.c', '.h')):
        yield from check_layers(path, text)
        yield from check_calls(path, text)
        yield from check_sizes(path, text)


def lint(root):
    """All problems of a tree as (path, line, rule, message)."""
    problems = []
    for path in tree_files(root):
        with open(os.path.join(root, path), 'rb') as file:
            data = file.read()
        if b'\0' in data:
            continue
        found = check_file(path, data.decode('utf-8', 'replace'))
        problems += [(path, line, rule, message) for line, rule, message in found]
    return problems


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
    problems = lint(root)
    for path, line, rule, message in problems:
        print(f'{path}:{line}: {rule}: {message}')
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()
