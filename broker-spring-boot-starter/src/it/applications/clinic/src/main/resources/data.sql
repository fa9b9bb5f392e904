INSERT INTO vets VALUES (1, 'James', 'Carter'), (2, 'Helen', 'Leary');
