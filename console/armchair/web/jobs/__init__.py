"""Jobs, the long work that the page asks for: commands as at a terminal, in processes that outlive the console.

    jobs.py   starts them, a few at a time, and knows how they stand        child.py   is one: `armchair …`, and its end
    folder.py what is known of one, in files        home.py where they lie        words.py which commands they may be

Invariant: all that is known of a job stands in its folder, so a page that is reloaded and a console that is started
again find it as it is. Nothing that lies in the project's folder is ever begun by itself.
"""
