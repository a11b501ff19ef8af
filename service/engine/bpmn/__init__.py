"""BPMN: diagram XML read into a model, and the sentences about what is wrong with it.

xml, elements, parser, model        safe XML, its elements, and the model that is made of them
dialect, zeebe_dialect              which elements and settings run, and which are refused
priorities, variable_names          priorities of steps; where variables are named in a file
drawn_planes, file_parts            the drawing: planes, shapes and lines; the parts of one file
legibility                          what crosses or hides something in a drawing
sentences                           what the linter says, in English
"""
